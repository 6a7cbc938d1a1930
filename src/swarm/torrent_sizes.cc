// SPDX-License-Identifier: Apache-2.0
#include "swarm/torrent_sizes.h"

#include <algorithm>
#include <utility>

namespace aquatic::swarm {

void TorrentSizes::add(std::uint32_t peers) noexcept {
  if (peers == 0) return;
  ++torrents_;
  ++counts_[Buckets::index_of(peers)];
  most_peers_ = std::max(most_peers_, peers);
}

std::uint64_t TorrentSizes::at_share(double share) const noexcept {
  return std::min<std::uint64_t>(Buckets::at_share<std::uint32_t>(counts_, share), most_peers_);
}

const TorrentSizes* SizeSurvey::last(Family family) const noexcept {
  const Pass& pass = passes_[static_cast<std::size_t>(family)];
  return pass.has_last ? &pass.last : nullptr;
}

void SizeSurvey::finish(Family family) noexcept {
  Pass& pass = of(family);
  pass.last = std::exchange(pass.under_way, TorrentSizes());
  pass.has_last = true;
}

}  // namespace aquatic::swarm
