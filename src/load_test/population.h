// SPDX-License-Identifier: Apache-2.0
// The simulated torrents and peers of a load test.
//
// The same sizes give the same population, everywhere and always. A few torrents have most of the
// peers: weights fall from popular to unpopular as they do on public trackers. Immutable, hence
// safe to share between threads.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/info_hash.h"

namespace aquatic::load_test {

struct SimulatedPeer {
  std::uint32_t torrent = 0;
  std::uint16_t port = 0;  // Never 0.
};

class Population {
 public:
  // Requires: at least one torrent.
  Population(std::uint32_t torrent_count, std::uint32_t peer_count);

  std::uint32_t torrent_count() const noexcept { return torrent_count_; }
  std::span<const SimulatedPeer> peers() const noexcept { return peers_; }

  // Computed, not stored: a table of a million would cost each request a cache miss.
  static InfoHash info_hash(std::uint32_t torrent) noexcept;

  std::vector<std::uint32_t> peers_per_torrent() const;

 private:
  std::uint32_t torrent_count_;
  std::vector<SimulatedPeer> peers_;
};

}  // namespace aquatic::load_test
