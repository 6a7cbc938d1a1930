// SPDX-License-Identifier: Apache-2.0
#include "base/log_buckets.h"

#include <gtest/gtest.h>

#include <array>

namespace aquatic {
namespace {

// The buckets of latencies are tested in tests/metrics; here are some that can be counted.
using Buckets = LogBuckets<1, 4>;

TEST(LogBuckets, GrowWithTheValue) {
  // 0 1 2 3 | 4-5 6-7 | 8-11 12-15
  constexpr std::array<std::size_t, 16> kIndexes = {0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7};
  static_assert(Buckets::kCount == 8);
  for (std::uint64_t value = 0; value < kIndexes.size(); ++value) {
    EXPECT_EQ(Buckets::index_of(value), kIndexes[value]) << value;
    EXPECT_GE(Buckets::last_of(kIndexes[value]), value);
  }
  EXPECT_EQ(Buckets::index_of(16), 7u);
  EXPECT_EQ(Buckets::last_of(4), 5u);
  EXPECT_EQ(Buckets::last_of(7), 15u);
}

TEST(LogBuckets, SharesAreOfAllValues) {
  std::array<unsigned, Buckets::kCount> counts{};
  const std::span<const unsigned, Buckets::kCount> all(counts);
  EXPECT_EQ(Buckets::at_share(all, 0.5), 0u);
  counts[1] = 2;
  counts[4] = 1;
  counts[7] = 1;
  EXPECT_EQ(Buckets::at_share(all, 0), 1u);
  EXPECT_EQ(Buckets::at_share(all, 0.5), 1u);
  EXPECT_EQ(Buckets::at_share(all, 0.51), 5u);
  EXPECT_EQ(Buckets::at_share(all, 1), 15u);
}

}  // namespace
}  // namespace aquatic
