// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_load_test.h"

#include <cstdint>
#include <memory>
#include <optional>

#include "load_test/connection_room.h"
#include "load_test/load_test.h"
#include "load_test/ws_generator.h"

namespace aquatic::load_test {
namespace {

// Beside the intervals between their openings, for all connections to be open: thousands of TLS
// handshakes take their time.
constexpr std::uint64_t kReadyGraceS = 60;
constexpr std::uint64_t kConnectionsPerGraceSecond = 200;

std::uint64_t ready_within_s(const WsLoadTestConfig& config) {
  if (!config.measure_after_max_connections_reached) return 0;
  const std::uint64_t each =
      config.num_connections_per_worker + config.num_idle_connections_per_worker;
  return kReadyGraceS + each * config.connection_creation_interval_ms / 1000 +
         each * config.num_workers / kConnectionsPerGraceSecond;
}

}  // namespace

void run_ws_load_test(const WsLoadTestConfig& config) {
  const std::uint64_t busy = std::uint64_t{config.num_workers} * config.num_connections_per_worker;
  const std::uint64_t idle =
      std::uint64_t{config.num_workers} * config.num_idle_connections_per_worker;
  make_room_for_connections(busy + idle,
                            "num_connections_per_worker or num_idle_connections_per_worker");
  WsLoadTestConfig shown = config;
  LoadTestOptions options = common_options(shown);
  options.program = "aquatic_ws_load_test";
  options.workers = config.num_workers;
  options.torrents = config.torrents.number_of_torrents;
  options.peers = static_cast<std::uint32_t>(busy * config.torrents.torrents_per_connection);
  options.popularity = Popularity::harmonic;
  options.ready_within_s = ready_within_s(config);
  OfferLedger ledger(static_cast<std::uint32_t>(busy));
  std::optional<WsPeers> peers;  // Of the population, which there is not yet.
  run_load_test(options,
                [&](const Population& population, std::uint32_t index, TorrentTally* per_torrent) {
                  if (!peers) peers.emplace(config, population);
                  return std::make_unique<WsGenerator>(config, *peers, ledger, index, per_torrent);
                });
}

}  // namespace aquatic::load_test
