// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test moves it. Any thread may read it.
#pragma once
#include <atomic>

#include "base/clock.h"

namespace aquatic::test {

class ManualClock final : public Clock {
 public:
  Seconds now() const noexcept override { return now_.load(std::memory_order_relaxed); }
  void advance(Seconds by) noexcept { now_.fetch_add(by, std::memory_order_relaxed); }

 private:
  std::atomic<Seconds> now_ = 0;
};

}  // namespace aquatic::test
