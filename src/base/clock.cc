// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

namespace aquatic {

SteadyClock::SteadyClock() noexcept : start_(std::chrono::steady_clock::now()) {}

Seconds SteadyClock::now() const noexcept {
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  return static_cast<Seconds>(std::chrono::duration_cast<std::chrono::seconds>(elapsed).count());
}

}  // namespace aquatic
