// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_load_test.h"

#include <cstdint>
#include <memory>

#include "load_test/connection_room.h"
#include "load_test/http_generator.h"
#include "load_test/load_test.h"

namespace aquatic::load_test {

void run_http_load_test(const HttpLoadTestConfig& config) {
  make_room_for_connections(std::uint64_t{config.num_workers} * config.num_connections,
                            "num_connections");
  HttpLoadTestConfig shown = config;
  LoadTestOptions options = common_options(shown);
  options.program = "aquatic_http_load_test";
  options.workers = config.num_workers;
  options.torrents = config.torrents.number_of_torrents;
  options.peers = config.torrents.number_of_peers;
  run_load_test(options,
                [&](const Population& population, std::uint32_t index, TorrentTally* per_torrent) {
                  return std::make_unique<HttpGenerator>(config, population, index, per_torrent);
                });
}

}  // namespace aquatic::load_test
