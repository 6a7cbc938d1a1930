// SPDX-License-Identifier: Apache-2.0
#include "metrics/latency_histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace aquatic::metrics {
namespace {

LatencyCounts counts_of(const LatencyRecorder& recorder) {
  LatencyCounts counts;
  recorder.add_to(counts);
  return counts;
}

TEST(LatencyBuckets, AreContiguousAndOrdered) {
  EXPECT_EQ(LatencyBuckets::index_of(0), 0u);
  for (std::size_t i = 0; i < LatencyBuckets::kCount; ++i) {
    const std::uint64_t last = LatencyBuckets::last_of(i);
    ASSERT_EQ(LatencyBuckets::index_of(last), i);
    if (i + 1 < LatencyBuckets::kCount) {
      ASSERT_EQ(LatencyBuckets::index_of(last + 1), i + 1);
    }
  }
}

TEST(LatencyBuckets, WhatIsTooLongCountsAsTheLongest) {
  EXPECT_EQ(LatencyBuckets::index_of(UINT64_MAX), LatencyBuckets::kCount - 1);
  EXPECT_GT(LatencyBuckets::last_of(LatencyBuckets::kCount - 1), 60'000'000'000u);
}

RC_GTEST_PROP(LatencyBuckets, AreThreePercentWide, ()) {
  const auto ns = *rc::gen::inRange<std::uint64_t>(0, 100'000'000'000);
  const std::uint64_t last = LatencyBuckets::last_of(LatencyBuckets::index_of(ns));
  RC_ASSERT(last >= ns);
  RC_ASSERT(static_cast<double>(last - ns) <= static_cast<double>(ns) / 32);
}

TEST(LatencyCounts, OfNothing) {
  const LatencyCounts counts;
  EXPECT_EQ(counts.total(), 0u);
  EXPECT_EQ(counts.at_share(0.5), 0u);
  EXPECT_EQ(counts.at_share(1), 0u);
  EXPECT_EQ(counts.count_up_to(UINT64_MAX), 0u);
  EXPECT_EQ(counts.sum_ns(), 0u);
}

TEST(LatencyCounts, SharesOfSmallNumbersAreExact) {
  LatencyRecorder recorder;
  for (std::uint64_t ns = 1; ns <= 50; ++ns) recorder.record(ns);
  const LatencyCounts counts = counts_of(recorder);
  EXPECT_EQ(counts.total(), 50u);
  EXPECT_EQ(counts.at_share(0), 1u);
  EXPECT_EQ(counts.at_share(0.5), 25u);
  EXPECT_EQ(counts.at_share(0.9), 45u);
  EXPECT_EQ(counts.at_share(1), 50u);
}

RC_GTEST_PROP(LatencyCounts, SharesAreThoseOfTheSortedLatencies, ()) {
  auto latencies = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(
      rc::gen::inRange<std::uint64_t>(0, 10'000'000'000)));
  LatencyRecorder recorder;
  for (const std::uint64_t ns : latencies) recorder.record(ns);
  std::ranges::sort(latencies);
  for (const double share : {0.0, 0.5, 0.9, 0.99, 1.0}) {
    const double wanted = std::ceil(share * static_cast<double>(latencies.size()));
    const std::uint64_t exact = latencies[static_cast<std::size_t>(std::max(wanted, 1.0)) - 1];
    const std::uint64_t found = counts_of(recorder).at_share(share);
    RC_ASSERT(LatencyBuckets::index_of(found) == LatencyBuckets::index_of(exact));
  }
}

TEST(LatencyCounts, CountsAndSumOfSmallNumbersAreExact) {
  LatencyRecorder recorder;
  for (std::uint64_t ns = 1; ns <= 50; ++ns) recorder.record(ns, 2);
  const LatencyCounts counts = counts_of(recorder);
  EXPECT_EQ(counts.count_up_to(0), 0u);
  EXPECT_EQ(counts.count_up_to(1), 2u);
  EXPECT_EQ(counts.count_up_to(49), 98u);
  EXPECT_EQ(counts.count_up_to(UINT64_MAX), 100u);
  EXPECT_EQ(counts.sum_ns(), 50u * 51);
}

// A bucket from 992 to 1007 ns: nothing in it is known to be within 1000.
TEST(LatencyCounts, BucketCountsOnceItsEndIsReached) {
  LatencyRecorder recorder;
  recorder.record(995);
  const LatencyCounts counts = counts_of(recorder);
  EXPECT_EQ(counts.count_up_to(1000), 0u);
  EXPECT_EQ(counts.count_up_to(1006), 0u);
  EXPECT_EQ(counts.count_up_to(1007), 1u);
}

RC_GTEST_PROP(LatencyCounts, CountsAndSumAreThreePercentOff, ()) {
  const auto latencies =
      *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 100'000));
  const auto bound = *rc::gen::inRange<std::uint64_t>(0, 100'000);
  LatencyRecorder recorder;
  std::uint64_t sum = 0;
  for (const std::uint64_t ns : latencies) {
    recorder.record(ns);
    sum += ns;
  }
  const LatencyCounts counts = counts_of(recorder);
  const auto count_within = [&](std::uint64_t most) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(latencies, [&](std::uint64_t ns) { return ns <= most; }));
  };
  RC_ASSERT(counts.count_up_to(bound) <= count_within(bound));
  RC_ASSERT(counts.count_up_to(bound) >= count_within(bound - bound / 32));
  RC_ASSERT(counts.sum_ns() <= sum + sum / 50);
  RC_ASSERT(counts.sum_ns() >= sum - sum / 50);
}

TEST(LatencyCounts, DifferenceIsTheTimeBetween) {
  LatencyRecorder recorder;
  recorder.record(10);
  const LatencyCounts earlier = counts_of(recorder);
  recorder.record(20);
  recorder.record(30);
  LatencyCounts between = counts_of(recorder);
  between -= earlier;
  EXPECT_EQ(between.total(), 2u);
  EXPECT_EQ(between.at_share(0), 20u);
  between += earlier;
  EXPECT_EQ(between.at_share(0), 10u);
}

}  // namespace
}  // namespace aquatic::metrics
