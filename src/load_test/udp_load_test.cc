// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_load_test.h"

#include <memory>

#include "load_test/load_test.h"
#include "load_test/udp_generator.h"

namespace aquatic::load_test {

void run_udp_load_test(const UdpLoadTestConfig& config) {
  UdpLoadTestConfig shown = config;
  LoadTestOptions options = common_options(shown);
  options.program = "aquatic_udp_load_test";
  options.workers = config.workers;
  options.torrents = config.requests.number_of_torrents;
  options.peers = config.requests.number_of_peers;
  options.tracker_udp_port = config.server_address.port;
  run_load_test(options,
                [&](const Population& population, std::uint32_t index, TorrentTally* per_torrent) {
                  return std::make_unique<UdpGenerator>(config, population, index, per_torrent);
                });
}

}  // namespace aquatic::load_test
