// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace aquatic {
namespace {

TEST(SteadyClock, CountsFromItsConstruction) {
  const auto before = std::chrono::steady_clock::now();
  const SteadyClock clock;
  const Seconds now = clock.now();
  const auto lived = std::chrono::steady_clock::now() - before;
  EXPECT_LE(now, std::chrono::duration_cast<std::chrono::seconds>(lived).count());
}

TEST(SteadyClock, NeverGoesBackwards) {
  constexpr int kReadings = 100'000;  // Some milliseconds of them.
  const SteadyClock clock;
  Seconds last = clock.now();
  for (int i = 0; i < kReadings; ++i) {
    const Seconds now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clock, CanBeReplacedByATest) {
  class ManualClock final : public Clock {
   public:
    Seconds now() const noexcept override { return 42; }
  };
  const ManualClock manual;
  const Clock& clock = manual;
  EXPECT_EQ(clock.now(), 42u);
  static_assert(std::has_virtual_destructor_v<Clock>);
}

}  // namespace
}  // namespace aquatic
