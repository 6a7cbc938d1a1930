// SPDX-License-Identifier: Apache-2.0
// Who takes part in a simulation of a WebTorrent tracker: programs with a few torrents each.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/info_hash.h"
#include "base/random.h"
#include "net/stream_key.h"
#include "tests/simulation/ws_judge.h"
#include "tests/simulation/ws_simulation.h"

namespace aquatic::simulation {

struct Program {
  enum class Kind { calm, restless, hanging, slow, lying, babbling, sleepy };
  // What it has of a torrent.
  struct Share {
    InfoHash info_hash;
    PeerId peer_id;
    bool is_seeder = false;
  };

  Kind kind = Kind::calm;
  std::string ip;
  std::vector<Share> shares;
  net::StreamKey stream = 0;  // 0 while it has none.
  Seconds wakes_at = 0;
  std::vector<HeardOffer> unanswered = {};
};

template <class Id>
Id random_id(Random& random) {
  Id id;
  for (std::byte& b : id.bytes) b = static_cast<std::byte>(random());
  return id;
}

// Different for each number.
std::string numbered_ip(Family family, std::uint32_t number);

std::vector<InfoHash> make_torrents(std::size_t count, std::uint64_t seed);
// As many of each kind as the scenario wants, on the first addresses.
std::vector<Program> make_programs(const WsScenario& scenario, std::span<const InfoHash> torrents,
                                   Random& random);

}  // namespace aquatic::simulation
