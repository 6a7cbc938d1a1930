// SPDX-License-Identifier: Apache-2.0
#include "load_test/pace.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace aquatic::load_test {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kStart = 5'000 * kMs;
constexpr std::uint64_t kTimeout = 100 * kMs;

TEST(Pace, FirstRequestIsDueAtTheStart) {
  const Pace pace(1000, kStart, kTimeout);
  EXPECT_EQ(pace.due(kStart - 1), 0u);
  EXPECT_EQ(pace.due(kStart), 1u);
  EXPECT_EQ(pace.next_due_ns(), kStart);
}

TEST(Pace, RequestsAreDueAtEqualDistances) {
  Pace pace(1000, kStart, kTimeout);
  EXPECT_EQ(pace.due(kStart + 10 * kMs), 11u);
  EXPECT_EQ(pace.next_due_ns(3), kStart + 3 * kMs);
  pace.advance(4);
  EXPECT_EQ(pace.next_due_ns(), kStart + 4 * kMs);
  EXPECT_EQ(pace.due(kStart + 3 * kMs), 0u);
  EXPECT_EQ(pace.due(kStart + 10 * kMs), 7u);
}

TEST(Pace, KeepsTheRateForLong) {
  const Pace pace(333'333, kStart, kTimeout);
  const std::uint64_t day_ns = 86'400'000 * kMs;
  EXPECT_NEAR(static_cast<double>(pace.due(kStart + day_ns)), 333'333.0 * 86'400, 10);
}

TEST(Pace, LeavesOutWhatIsHopeless) {
  Pace pace(1000, kStart, kTimeout);
  EXPECT_EQ(pace.skip_hopeless(kStart + 50 * kMs), 0u);
  EXPECT_EQ(pace.skip_hopeless(kStart + 110 * kMs), 11u);  // Those due in the first 10 ms.
  EXPECT_EQ(pace.next_due_ns(), kStart + 11 * kMs);
  EXPECT_EQ(pace.skip_hopeless(kStart + 110 * kMs), 0u);
}

RC_GTEST_PROP(Pace, WhatIsDueWasDueByThen, ()) {
  const double rate = *rc::gen::inRange(1, 2'000'000);
  const std::uint64_t now_ns = kStart + *rc::gen::inRange<std::uint64_t>(0, 10'000 * kMs);
  const Pace pace(rate, kStart, kTimeout);
  const std::uint64_t due = pace.due(now_ns);
  RC_ASSERT(due >= 1);
  // Rounding may move a request by a nanosecond.
  RC_ASSERT(pace.next_due_ns(due - 1) <= now_ns + 1);
  RC_ASSERT(pace.next_due_ns(due) + 1 >= now_ns);
}

}  // namespace
}  // namespace aquatic::load_test
