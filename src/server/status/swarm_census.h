// SPDX-License-Identifier: Apache-2.0
// Looks at every torrent of UDP and HTTP, some each second, for what the swarm keeps no sums of:
// how many seeders and downloads there are, and which torrents are the largest.
//
// Like any scrape of all torrents it holds each lock for a few hundred of them only. Control plane.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/endpoint.h"
#include "base/info_hash.h"
#include "swarm/swarm.h"

namespace aquatic::server {

class SwarmCensus {
 public:
  static constexpr std::size_t kRanks = 100;
  // A pass takes about as long, or less where there are few torrents; more above six million, as
  // the control loop has other things to do.
  static constexpr std::size_t kPassSeconds = 60;
  static constexpr std::size_t kLeastPerTick = 1024;
  static constexpr std::size_t kMostPerTick = 100'000;

  struct Ranked {
    InfoHash info_hash;
    std::uint64_t count = 0;
  };
  // Most first, at most kRanks. The peers of both families count.
  struct Ranking {
    std::vector<Ranked> by_peers;
    std::vector<Ranked> by_seeders;
  };
  struct Sums {
    std::uint64_t seeders = 0;
    std::uint64_t downloads = 0;  // Of the torrents that are there now.
  };

  // Without a ranking no info hash is kept.
  SwarmCensus(const swarm::Swarm& swarm, bool wants_ranking)
      : swarm_(swarm), wants_ranking_(wants_ranking) {}

  // To be called once a second.
  void count_some();

  // Of the last pass that has come to its end; zeros before.
  const Sums& sums(Family family) const noexcept {
    return done_.sums[static_cast<std::size_t>(family)];
  }
  const Ranking& ranking() const noexcept { return done_.ranking; }

 private:
  struct Pass {
    std::array<Sums, 2> sums{};
    Ranking ranking;  // As heaps, smallest first, until it is done.
  };

  void count(Family family, const swarm::TorrentCounts& torrent);
  void rank(Family family, const swarm::TorrentCounts& torrent);
  void end_pass();

  const swarm::Swarm& swarm_;
  const bool wants_ranking_;
  Pass done_;
  Pass pass_;
  Family family_ = Family::ipv4;
  swarm::ScrapeCursor cursor_;
};

}  // namespace aquatic::server
