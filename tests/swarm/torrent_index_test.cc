// SPDX-License-Identifier: Apache-2.0
#include "swarm/torrent_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/random.h"

namespace aquatic::swarm {
namespace {

std::uint32_t find(const TorrentIndex& index, std::uint64_t hash, std::uint32_t number) {
  return index.find(hash, [number](std::uint32_t found) { return found == number; });
}

// Only the upper half is kept: hashes that share it are told apart by the caller.
TEST(TorrentIndex, KeepsAnyNumberUnderTheSameHash) {
  TorrentIndex index;
  for (std::uint32_t number = 0; number < 1000; ++number) index.insert(5, number);
  for (std::uint32_t number = 0; number < 1000; ++number) EXPECT_EQ(find(index, 5, number), number);
  EXPECT_EQ(find(index, 5, 1000), TorrentIndex::kNone);
  for (std::uint32_t number = 0; number < 1000; number += 2) index.remove(5, number);
  for (std::uint32_t number = 0; number < 1000; ++number) {
    EXPECT_EQ(find(index, 5, number), number % 2 == 0 ? TorrentIndex::kNone : number);
  }
}

TEST(TorrentIndex, HashOfZeroIsAHashLikeAnyOther) {
  TorrentIndex index;
  EXPECT_EQ(find(index, 0, 0), TorrentIndex::kNone);
  index.insert(0, 0);
  EXPECT_EQ(find(index, 0, 0), 0u);
}

TEST(TorrentIndex, PrefetchIsHarmlessAtAnySize) {
  TorrentIndex index;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    index.prefetch(i << 32);
    index.insert(i << 32, static_cast<std::uint32_t>(i));
  }
}

// Grows to thousands, shrinks to nothing, again and again; few distinct hashes make many collide.
RC_GTEST_PROP(TorrentIndex, FindsWhatAMapFinds, (std::uint64_t seed)) {
  Random random(seed);
  const auto distinct = *rc::gen::element<std::uint32_t>(3, 1000, 1'000'000);
  TorrentIndex index;
  std::map<std::uint32_t, std::uint64_t> model;  // Number → hash.
  for (std::uint32_t next = 0; next < 6000; ++next) {
    const bool is_growing = next / 1500 % 2 == 0;
    if (model.empty() || random.below(4) < (is_growing ? 3u : 1u)) {
      const std::uint64_t hash = (random.below(distinct) * 0x9e3779b97f4a7c15) & ~std::uint64_t{1};
      index.insert(hash, next);
      model[next] = hash;
      continue;
    }
    auto chosen = model.lower_bound(random.below(next));
    if (chosen == model.end()) chosen = model.begin();
    const auto [number, hash] = *chosen;
    model.erase(chosen);
    if (random.below(2) == 0) {
      index.remove(hash, number);
    } else {
      index.renumber(hash, number, next);
      model[next] = hash;
    }
    RC_ASSERT(find(index, hash, number) == TorrentIndex::kNone);
  }
  for (const auto& [number, hash] : model) RC_ASSERT(find(index, hash, number) == number);
}

}  // namespace
}  // namespace aquatic::swarm
