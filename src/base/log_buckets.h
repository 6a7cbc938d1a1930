// SPDX-License-Identifier: Apache-2.0
// Buckets for histograms that grow with what they hold, so that any value is known to the same
// share of itself in little memory: of width 1 at first, then 2^kBits of them to each doubling.
//
// With the highest bit of a value at kBits + shift, its kBits + 1 highest bits are a number from
// 2^kBits to 2^(kBits + 1) - 1; each shift begins 2^kBits further on.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include "base/check.h"

namespace aquatic {

// Values up to 2^kMaxBits - 1 are told apart.
template <unsigned kBits, unsigned kMaxBits>
struct LogBuckets {
  static constexpr std::size_t kCount = (kMaxBits - kBits + 1) << kBits;

  // Requires nothing: what is too large counts as the largest.
  static std::size_t index_of(std::uint64_t value) noexcept {
    value = std::min(value, (std::uint64_t{1} << kMaxBits) - 1);
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > kBits + 1 ? width - kBits - 1 : 0;
    return (std::size_t{shift} << kBits) + static_cast<std::size_t>(value >> shift);
  }

  // The largest value that belongs to the bucket. Requires: index < kCount.
  static std::uint64_t last_of(std::size_t index) noexcept {
    DCHECK(index < kCount);
    if (index < 2u << kBits) return index;
    const std::size_t shift = (index >> kBits) - 1;
    const std::uint64_t high_bits = index - (shift << kBits);
    return ((high_bits + 1) << shift) - 1;
  }

  // The value that a share of all did not exceed; 1 gives the largest, 0 if there are none. Rounded
  // up to the end of its bucket.
  template <class Count>
  static std::uint64_t at_share(std::span<const Count, kCount> counts, double share) noexcept {
    const std::uint64_t all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    if (all == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
    const std::uint64_t rank = std::clamp<std::uint64_t>(wanted, 1, all);
    std::uint64_t seen = 0;
    std::size_t index = 0;
    while ((seen += counts[index]) < rank) ++index;
    return last_of(index);
  }
};

}  // namespace aquatic
