// SPDX-License-Identifier: Apache-2.0
// How long responses took: counts in buckets that grow with what they measure, so that any
// latency is known to 3 % in a few kilobytes.
//
// A recorder has one writer; any thread may take its counts. Counts are plain values: the
// difference of two is the histogram of the time between.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/log_buckets.h"

namespace aquatic::metrics {

// Of nanoseconds. 2^5 to a doubling: 1/32 is 3 %. Up to 2^37 ns: 137 s, above the longest timeout.
using LatencyBuckets = LogBuckets<5, 37>;

class LatencyCounts {
 public:
  void add(std::size_t index, std::uint64_t count) noexcept { counts_[index] += count; }

  std::uint64_t total() const noexcept;
  // The latency that a share of the responses did not exceed; 1 gives the longest, 0 with no
  // responses. Rounded up to the end of its bucket.
  std::uint64_t at_share(double share) const noexcept;
  // How many responses took no longer, where each counts as long as the end of its bucket.
  std::uint64_t count_up_to(std::uint64_t ns) const noexcept;
  // How long all of them took together, to 2 %: each counts as long as the middle of its bucket.
  std::uint64_t sum_ns() const noexcept;

  LatencyCounts& operator+=(const LatencyCounts& other) noexcept;
  // Requires: `earlier` was taken before this of the same recorders.
  LatencyCounts& operator-=(const LatencyCounts& earlier) noexcept;

 private:
  std::array<std::uint64_t, LatencyBuckets::kCount> counts_{};
};

class LatencyRecorder {
 public:
  // `count` responses that took as long. By the owning thread only.
  void record(std::uint64_t ns, std::uint64_t count = 1) noexcept {
    auto& bucket = counts_[LatencyBuckets::index_of(ns)];
    bucket.store(bucket.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void add_to(LatencyCounts& counts) const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, LatencyBuckets::kCount> counts_{};
};

}  // namespace aquatic::metrics
