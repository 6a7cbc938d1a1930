// SPDX-License-Identifier: Apache-2.0
// The simulated torrents and peers of a load test.
//
// The same sizes give the same population, everywhere and always. Immutable, hence
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

// How peers are spread over torrents.
enum class Popularity : std::uint8_t {
  // A few torrents have most of the peers: weights fall from popular to unpopular as they do on
  // public trackers. Below a thousand torrents one has nearly all.
  steep,
  // The torrent in place n has one n-th of the peers of the first, for few torrents, too.
  harmonic,
};

class Population {
 public:
  // Requires: at least one torrent.
  Population(std::uint32_t torrent_count, std::uint32_t peer_count,
             Popularity popularity = Popularity::steep);

  std::uint32_t torrent_count() const noexcept { return torrent_count_; }
  std::span<const SimulatedPeer> peers() const noexcept { return peers_; }

  // Computed, not stored: a table of a million would cost each request a cache miss.
  static InfoHash info_hash(std::uint32_t torrent) noexcept;

  // A peer is always the same program and has the same id, as others see it:
  // "-AT0100-000000000042".
  static PeerId peer_id(std::uint32_t peer) noexcept;

  std::vector<std::uint32_t> peers_per_torrent() const;

 private:
  std::uint32_t torrent_count_;
  std::vector<SimulatedPeer> peers_;
};

}  // namespace aquatic::load_test
