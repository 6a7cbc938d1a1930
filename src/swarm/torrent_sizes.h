// SPDX-License-Identifier: Apache-2.0
// How many torrents have how many peers, counted by expiry on its way through all of them.
//
// Not thread-safe: belongs to the thread that expires.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/endpoint.h"
#include "base/log_buckets.h"

namespace aquatic::swarm {

// Of torrents that have peers.
class TorrentSizes {
 public:
  void add(std::uint32_t peers) noexcept;

  std::uint64_t torrents() const noexcept { return torrents_; }
  // The number of peers that a share of the torrents does not exceed: 0 gives the least, 1 the
  // most, 0.5 the median. Up to 3 % too high above 64. 0 if there are no torrents.
  std::uint64_t at_share(double share) const noexcept;

 private:
  // 2^5 to a doubling: 1/32 is 3 %.
  using Buckets = LogBuckets<5, 32>;

  std::uint64_t torrents_ = 0;
  std::uint32_t most_peers_ = 0;
  std::array<std::uint32_t, Buckets::kCount> counts_{};
};

// The sizes that the last whole pass has found, and those of the pass under way, by family.
class SizeSurvey {
 public:
  // Null until all torrents of the family have been looked at once.
  const TorrentSizes* last(Family family) const noexcept;

  // Where those go that are found next.
  TorrentSizes& under_way(Family family) noexcept { return of(family).under_way; }
  // The pass is through with the family.
  void finish(Family family) noexcept;

 private:
  struct Pass {
    bool has_last = false;
    TorrentSizes last;
    TorrentSizes under_way;
  };

  Pass& of(Family family) noexcept { return passes_[static_cast<std::size_t>(family)]; }

  std::array<Pass, 2> passes_;
};

}  // namespace aquatic::swarm
