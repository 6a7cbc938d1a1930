// SPDX-License-Identifier: Apache-2.0
#include "swarm/expiry_pace.h"

#include <gtest/gtest.h>

namespace aquatic::swarm {
namespace {

TEST(ExpiryPace, GoesRoundOnceInAnInterval) {
  ExpiryPace pace(30, 64);
  std::uint32_t sum = 0;
  for (Seconds now = 1; now <= 30; ++now) {
    const std::uint32_t due = pace.due(now);
    EXPECT_GE(due, 2u);
    EXPECT_LE(due, 3u);
    for (std::uint32_t i = 0; i < due; ++i) EXPECT_EQ(pace.next(), sum++);
  }
  EXPECT_EQ(sum, 64u);
  EXPECT_EQ(pace.next(), 0u);
}

TEST(ExpiryPace, MakesUpForLateCallsByOneRoundAtMost) {
  ExpiryPace pace(30, 64);
  EXPECT_EQ(pace.due(15), 32u);
  EXPECT_EQ(pace.due(100'000), 64u);
  EXPECT_EQ(pace.due(100'000), 0u);
}

TEST(ExpiryPace, AClockThatWentBackOwesNothing) {
  ExpiryPace pace(30, 64);
  EXPECT_EQ(pace.due(30), 64u);
  EXPECT_EQ(pace.due(10), 0u);
  EXPECT_EQ(pace.due(25), 32u);
}

TEST(ExpiryPace, WithoutAnIntervalEverythingIsDueEachSecond) {
  ExpiryPace pace(0, 8);
  EXPECT_EQ(pace.due(1), 8u);
  EXPECT_EQ(pace.due(2), 8u);
}

}  // namespace
}  // namespace aquatic::swarm
