// SPDX-License-Identifier: Apache-2.0
// From a swarm's survey of sizes to the figures.
//
// By the thread that expires.
#pragma once
#include <cstddef>

#include "server/status/figures.h"
#include "swarm/torrent_sizes.h"

namespace aquatic::server {

// Fills in what `sizes` says; null says nothing.
inline void set_peers_per_torrent(SwarmFigures& figures, const swarm::TorrentSizes* sizes) {
  figures.has_histogram = sizes != nullptr;
  for (std::size_t i = 0; sizes != nullptr && i < PeersPerTorrent::kShares.size(); ++i) {
    figures.peers_per_torrent.peers[i] = sizes->at_share(PeersPerTorrent::kShares[i]);
  }
}

}  // namespace aquatic::server
