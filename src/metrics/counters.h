// SPDX-License-Identifier: Apache-2.0
// Counters that one thread adds to and any thread may read.
//
// `Metric` is an enum whose enumerators count up from 0 and end with `count`. An add is a relaxed
// load and store, without a locked instruction, so it costs about a nanosecond; that is right
// because a counter has a single writer.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace aquatic::metrics {

// Two cache lines: the prefetcher of x86 fetches lines in pairs.
inline constexpr std::size_t kNoFalseSharing = 128;

template <class Metric>
class alignas(kNoFalseSharing) Counters {
 public:
  // By the owning thread only.
  void add(Metric metric, std::uint64_t n = 1) noexcept {
    std::atomic<std::uint64_t>& slot = slots_[static_cast<std::size_t>(metric)];
    slot.store(slot.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  // Sets a total that is counted elsewhere. By the owning thread only.
  void set(Metric metric, std::uint64_t total) noexcept {
    slots_[static_cast<std::size_t>(metric)].store(total, std::memory_order_relaxed);
  }

  std::uint64_t get(Metric metric) const noexcept {
    return slots_[static_cast<std::size_t>(metric)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Metric::count)> slots_{};
};

}  // namespace aquatic::metrics
