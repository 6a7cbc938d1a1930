// SPDX-License-Identifier: Apache-2.0
// The monotonic clock of the machine, in nanoseconds: for what measures, never for what a peer is
// told.
#pragma once
#include <chrono>
#include <cstdint>

namespace aquatic {

inline constexpr std::uint64_t kNsPerMs = 1'000'000;
inline constexpr std::uint64_t kNsPerSecond = 1000 * kNsPerMs;

inline std::uint64_t monotonic_ns() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}

}  // namespace aquatic
