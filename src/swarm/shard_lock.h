// SPDX-License-Identifier: Apache-2.0
// A mutex of four bytes, for critical sections of well below a microsecond.
//
// Meets the standard's Lockable requirements. A thread that finds it taken looks again a few times
// and then sleeps in the kernel.
#pragma once
#include <atomic>
#include <cstdint>

namespace aquatic::swarm {

class ShardLock {
 public:
  bool try_lock() noexcept {
    std::uint32_t expected = kFree;
    return state_.compare_exchange_strong(expected, kTaken, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }

  void lock() noexcept {
    if (!try_lock()) lock_slowly();
  }

  void unlock() noexcept {
    if (state_.exchange(kFree, std::memory_order_release) == kAwaited) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kTaken = 1;
  static constexpr std::uint32_t kAwaited = 2;  // Taken, and somebody may be asleep.

  void lock_slowly() noexcept;

  std::atomic<std::uint32_t> state_ = kFree;
};

}  // namespace aquatic::swarm
