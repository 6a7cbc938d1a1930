// SPDX-License-Identifier: Apache-2.0
#include "net/nap.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include "tests/support/interval_timer.h"

namespace aquatic::net {
namespace {

using namespace std::chrono_literals;

TEST(NapTest, LastsAtLeastItsLength) {
  const Nap nap(3ms);
  EXPECT_FALSE(nap.is_off());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(nap.take());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 3ms);
}

TEST(NapTest, MakesTimersOfTheThreadExact) {
  prctl(PR_SET_TIMERSLACK, 50'000, 0, 0, 0);
  const Nap off(0us);
  EXPECT_TRUE(off.is_off());
  EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 50'000);
  const Nap nap(100us);
  EXPECT_LT(prctl(PR_GET_TIMERSLACK), 10'000);
}

TEST(NapTest, EndsOnASignal) {
  const Nap nap(1h);
  const test::IntervalTimer timer;
  EXPECT_FALSE(nap.take());
}

}  // namespace
}  // namespace aquatic::net
