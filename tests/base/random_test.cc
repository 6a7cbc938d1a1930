// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace aquatic {
namespace {

static_assert(std::uniform_random_bit_generator<Random>);

// From the authors' C code: xoshiro256++ over a state of four splitmix64 numbers.
TEST(Random, IsXoshiro256PlusPlusSeededBySplitmix64) {
  Random a(1234567);
  EXPECT_EQ(a(), 437095814655224680u);
  EXPECT_EQ(a(), 8127161015984454572u);
  EXPECT_EQ(a(), 18128670339019551454u);
  EXPECT_EQ(a(), 254746599813523466u);
  Random b(0);
  EXPECT_EQ(b(), 5987356902031041503u);
  EXPECT_EQ(b(), 7051070477665621255u);
}

RC_GTEST_PROP(Random, SameSeedSameSequence, (std::uint64_t seed)) {
  Random a(seed);
  Random b(seed);
  for (int i = 0; i < 100; ++i) RC_ASSERT(a() == b());
}

RC_GTEST_PROP(Random, StaysBelowItsBound, (std::uint64_t seed)) {
  Random random(seed);
  const auto bound = *rc::gen::positive<std::uint32_t>();
  for (int i = 0; i < 100; ++i) RC_ASSERT(random.below(bound) < bound);
}

TEST(Random, BelowOneIsZeroAndTheLargestBoundWorks) {
  Random random(3);
  std::uint32_t largest = 0;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(random.below(1), 0u);
    largest = std::max(largest, random.below(UINT32_MAX));
  }
  EXPECT_GT(largest, UINT32_MAX / 100 * 99);
}

// 10,000 each on average; 500 off would be five standard deviations. The seed is fixed.
TEST(Random, EachNumberBelowTheBoundIsEquallyLikely) {
  constexpr std::uint32_t kBound = 7;
  Random random(11);
  std::array<int, kBound> counts{};
  for (int i = 0; i < 10'000 * static_cast<int>(kBound); ++i) ++counts[random.below(kBound)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

// 2^-248 that any of these tests fails by chance.
TEST(Secret, FillsEveryByteAndNeverTheSameWay) {
  std::array<std::byte, 32> first{};
  std::array<std::byte, 32> second{};
  fill_secret(first);
  fill_secret(second);
  EXPECT_NE(first, second);
  EXPECT_NE(first, (std::array<std::byte, 32>{}));
  const auto tail = std::span(first).last<31>();
  EXPECT_TRUE(std::ranges::any_of(tail, [](std::byte b) { return b != std::byte{0}; }));
}

TEST(Secret, SeedsDiffer) { EXPECT_NE(secret_seed(), secret_seed()); }

TEST(Secret, FillsNothingWhereThereIsNothing) { fill_secret({}); }

}  // namespace
}  // namespace aquatic
