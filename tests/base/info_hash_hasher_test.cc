// SPDX-License-Identifier: Apache-2.0
#include "base/info_hash_hasher.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace aquatic {
namespace {

InfoHash random_info_hash(Random& random) {
  InfoHash info_hash;
  for (std::byte& b : info_hash.bytes) b = static_cast<std::byte>(random());
  return info_hash;
}

// The info hash whose last bytes are the number: the worst that a careless client makes.
InfoHash numbered_info_hash(std::uint64_t number) {
  InfoHash info_hash;
  store_big_endian<std::uint64_t>(info_hash.bytes.data() + 12, number);
  return info_hash;
}

TEST(InfoHashHasher, SameSeedSameFunctions) {
  const InfoHashHasher a(7);
  const InfoHashHasher b(7);
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const InfoHash info_hash = random_info_hash(random);
    ASSERT_EQ(a.steer(info_hash), b.steer(info_hash));
    ASSERT_EQ(a.table(info_hash), b.table(info_hash));
  }
  EXPECT_EQ(a.steer_keys(), b.steer_keys());
}

TEST(InfoHashHasher, OtherSeedOtherFunctions) {
  const InfoHash info_hash = numbered_info_hash(1);
  EXPECT_NE(InfoHashHasher(7).steer(info_hash), InfoHashHasher(8).steer(info_hash));
  EXPECT_NE(InfoHashHasher(7).table(info_hash), InfoHashHasher(8).table(info_hash));
}

TEST(InfoHashHasher, MultipliersAreOdd) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const InfoHashHasher hasher(seed);
    for (const std::uint32_t key : hasher.steer_keys()) ASSERT_EQ(key % 2, 1u);
  }
}

// What the header promises to whoever computes `steer` in the kernel.
RC_GTEST_PROP(InfoHashHasher, SteerIsTheDocumentedArithmetic, (std::uint64_t seed)) {
  Random random(seed);
  const InfoHashHasher hasher(seed);
  const InfoHash info_hash = random_info_hash(random);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::uint32_t word =
        i < 5 ? load_big_endian<std::uint32_t>(info_hash.bytes.data() + 4 * i) : 0;
    hash = (hash + word) % (1ull << 32) * hasher.steer_keys()[i] % (1ull << 32);
    hash ^= hash / (1 << 15);
  }
  RC_ASSERT(hasher.steer(info_hash) == hash);
}

RC_GTEST_PROP(InfoHashHasher, EveryByteCounts, (std::uint64_t seed)) {
  Random random(seed);
  const InfoHashHasher hasher(seed);
  const InfoHash info_hash = random_info_hash(random);
  for (std::size_t i = 0; i < InfoHash::kBytes; ++i) {
    InfoHash other = info_hash;
    other.bytes[i] ^= static_cast<std::byte>(1 + random.below(255));
    RC_ASSERT(hasher.steer(other) != hasher.steer(info_hash));
    RC_ASSERT(hasher.table(other) != hasher.table(info_hash));
  }
}

// The fullest of `bucket_count` buckets when numbered info hashes are spread by `bucket_of`.
template <class BucketOf>
std::size_t fullest(std::size_t count, std::size_t bucket_count, BucketOf bucket_of) {
  std::vector<std::size_t> sizes(bucket_count);
  for (std::size_t i = 0; i < count; ++i) ++sizes[bucket_of(numbered_info_hash(i)) % bucket_count];
  return *std::ranges::max_element(sizes);
}

// 1000 a bucket on average; 1200 would be six standard deviations of a perfectly random spread,
// which `table` aims at. `steer` is simple enough for the kernel instead: numbers leave some of
// their regularity in it, so its buckets may be half as full again.
TEST(InfoHashHasher, SpreadsNumberedInfoHashesOverShards) {
  constexpr std::size_t kBuckets = 256;
  constexpr std::size_t kCount = 1000 * kBuckets;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const InfoHashHasher hasher(seed);
    EXPECT_LT(fullest(kCount, kBuckets, [&](const auto& h) { return hasher.steer(h); }), 1500u);
    EXPECT_LT(fullest(kCount, kBuckets, [&](const auto& h) { return hasher.table(h); }), 1200u);
  }
}

}  // namespace
}  // namespace aquatic
