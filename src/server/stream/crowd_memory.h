// SPDX-License-Identifier: Apache-2.0
// Gives memory back to the system when a crowd of connections has left.
//
// What they held is free then, but malloc keeps the pages for as long as anything that is still in
// use, such as what threads have cached for themselves, lies behind them.
// Control plane.
#pragma once
#include <cstdint>

namespace aquatic::server {

class CrowdMemory {
 public:
  // Fewer than this, with some 50 KiB each where TLS has not got far, are not worth the trouble.
  static constexpr std::uint64_t kLeastCrowd = 256;

  // To be told now and then how many connections are open. Returns whether it gave memory back,
  // which takes a moment in which nobody else can allocate: when at least half of the most that
  // there were since the last time, and at least kLeastCrowd, are gone, and no more are leaving.
  bool update(std::uint64_t open) noexcept;

 private:
  std::uint64_t most_ = 0;  // Since memory was given back.
  std::uint64_t last_ = 0;  // As told last.
};

}  // namespace aquatic::server
