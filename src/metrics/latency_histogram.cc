// SPDX-License-Identifier: Apache-2.0
#include "metrics/latency_histogram.h"

#include <numeric>

#include "base/check.h"

namespace aquatic::metrics {

std::uint64_t LatencyCounts::total() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t LatencyCounts::at_share(double share) const noexcept {
  return LatencyBuckets::at_share<std::uint64_t>(counts_, share);
}

std::uint64_t LatencyCounts::count_up_to(std::uint64_t ns) const noexcept {
  const std::size_t index = LatencyBuckets::index_of(ns);
  const std::size_t end = LatencyBuckets::last_of(index) <= ns ? index + 1 : index;
  const auto first = counts_.begin();
  return std::accumulate(first, first + static_cast<std::ptrdiff_t>(end), std::uint64_t{0});
}

std::uint64_t LatencyCounts::sum_ns() const noexcept {
  std::uint64_t sum = 0;
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const std::uint64_t last = LatencyBuckets::last_of(i);
    sum += counts_[i] * ((first + last) / 2);
    first = last + 1;
  }
  return sum;
}

LatencyCounts& LatencyCounts::operator+=(const LatencyCounts& other) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  return *this;
}

LatencyCounts& LatencyCounts::operator-=(const LatencyCounts& earlier) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    DCHECK(counts_[i] >= earlier.counts_[i]);
    counts_[i] -= earlier.counts_[i];
  }
  return *this;
}

void LatencyRecorder::add_to(LatencyCounts& counts) const noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    counts.add(i, counts_[i].load(std::memory_order_relaxed));
  }
}

}  // namespace aquatic::metrics
