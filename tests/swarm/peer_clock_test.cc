// SPDX-License-Identifier: Apache-2.0
#include "swarm/peer_clock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace aquatic::swarm {
namespace {

bool is_dropped(const PeerClock& clock, Seconds announced, Seconds now) {
  return clock.limit_at(now).is_over(clock.tick(announced));
}

TEST(PeerClock, KeepsAPeerUpToItsLastSecondExactly) {
  const PeerClock clock(1200, 120);
  for (const Seconds announced : {0u, 1u, 65'535u, 65'536u, 4'000'000'000u}) {
    EXPECT_FALSE(is_dropped(clock, announced, announced));
    EXPECT_FALSE(is_dropped(clock, announced, announced + 1200));
    EXPECT_TRUE(is_dropped(clock, announced, announced + 1201));
  }
}

TEST(PeerClock, ExpiryMayComeManyHoursLate) {
  const PeerClock clock(1200, 120);
  for (Seconds late = 1201; late < 13 * 3600; late += 61) {
    EXPECT_TRUE(is_dropped(clock, 70'000, 70'000 + late)) << late;
  }
}

// A worker's clock may be ahead of that of whoever expires.
TEST(PeerClock, KeepsAPeerFromTheNearFuture) {
  const PeerClock clock(1200, 120);
  for (Seconds ahead = 1; ahead <= 900; ++ahead) {
    EXPECT_FALSE(is_dropped(clock, 5000 + ahead, 5000)) << ahead;
  }
}

TEST(PeerClock, AMaximumOfZeroKeepsAPeerForThisTick) {
  const PeerClock clock(0, 0);
  EXPECT_FALSE(is_dropped(clock, 7, 7));
  EXPECT_TRUE(is_dropped(clock, 7, 8));
}

RC_GTEST_PROP(PeerClock, NeverDropsEarlyAndNeverMoreThanTwoTicksLate, ()) {
  const auto max_age = *rc::gen::inRange<Seconds>(0, 10'000'000);
  const auto interval = *rc::gen::inRange<Seconds>(0, 10'000'000);
  const auto announced = *rc::gen::inRange<Seconds>(0, 1'000'000'000);
  const Seconds tick_s = (max_age + interval) / PeerClock::kMaxStayTicks + 1;
  const PeerClock clock(max_age, interval);
  const auto young = *rc::gen::inRange<Seconds>(0, max_age + 1);
  RC_ASSERT(!is_dropped(clock, announced, announced + young));
  // When the next look at him is due.
  const Seconds latest = max_age + interval + 2 * tick_s;
  RC_ASSERT(is_dropped(clock, announced, announced + max_age + 2 * tick_s));
  RC_ASSERT(is_dropped(clock, announced, announced + latest));
}

}  // namespace
}  // namespace aquatic::swarm
