// SPDX-License-Identifier: Apache-2.0
// A whole UDP tracker (the real handlers over the real swarm) among thousands of simulated peers,
// liars and floods, on a network with faults. Hours pass in seconds; one seed, one history.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "access_list/access_list.h"
#include "server/udp/udp_handler.h"
#include "swarm/swarm.h"
#include "tests/simulation/model_tracker.h"
#include "tests/simulation/simulated_network.h"

namespace aquatic::simulation {

struct Scenario {
  std::uint64_t seed = 1;
  std::size_t worker_count = 4;
  std::size_t torrent_count = 100;
  std::size_t peer_count = 1000;  // Half of them on IPv6.
  Seconds duration_s = 600;
  Seconds announce_interval_s = 30;
  Faults faults = {};
  // Datagrams a second from addresses that never receive the responses.
  unsigned forged_connects_per_s = 0;
  unsigned forged_announces_per_s = 0;
  unsigned random_datagrams_per_s = 0;
  // Announces a second of one host that holds a valid id: each for a torrent of its own, or all
  // for the first torrent from ever new ports.
  unsigned new_torrent_announces_per_s = 0;
  unsigned hot_torrent_announces_per_s = 0;
  // The tracker's clock jumps ahead by this much halfway through.
  Seconds clock_jump_s = 0;
};

struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t announces_answered = 0;
  std::uint64_t peers_given = 0;
  std::uint64_t announces_sent = 0;      // By well-behaved peers, each retry counted.
  std::uint64_t announces_given_up = 0;  // By them, after all retries.
  std::uint64_t remaining_peers = 0;     // In the swarm when everybody had been silent for long.
  std::uint64_t remaining_torrents = 0;
  std::uint64_t history = 0;  // A hash of every byte that the tracker sent.
};

Outcome simulate(const Scenario& scenario);

}  // namespace aquatic::simulation
