// SPDX-License-Identifier: Apache-2.0
#include "metrics/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace aquatic::metrics {

// With the highest bit of `ns` at kBits + shift, the kBits + 1 highest bits are a number from 2^5
// to 2^6 - 1; each shift begins 2^5 further on.
std::size_t LatencyBuckets::index_of(std::uint64_t ns) noexcept {
  ns = std::min(ns, (std::uint64_t{1} << kMaxBits) - 1);
  const auto width = static_cast<unsigned>(std::bit_width(ns));
  const unsigned shift = width > kBits + 1 ? width - kBits - 1 : 0;
  return (std::size_t{shift} << kBits) + static_cast<std::size_t>(ns >> shift);
}

std::uint64_t LatencyBuckets::last_of(std::size_t index) noexcept {
  DCHECK(index < kCount);
  if (index < 2u << kBits) return index;
  const std::size_t shift = (index >> kBits) - 1;
  const std::uint64_t high_bits = index - (shift << kBits);
  return ((high_bits + 1) << shift) - 1;
}

std::uint64_t LatencyCounts::total() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t LatencyCounts::at_share(double share) const noexcept {
  const std::uint64_t all = total();
  if (all == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  const std::uint64_t rank = std::clamp<std::uint64_t>(wanted, 1, all);
  std::uint64_t seen = 0;
  std::size_t index = 0;
  while ((seen += counts_[index]) < rank) ++index;
  return LatencyBuckets::last_of(index);
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
