// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_load_test.h"

#include <fmt/core.h>

#include <memory>
#include <stdexcept>

#include "load_test/http_generator.h"
#include "load_test/load_test.h"
#include "process/open_files.h"

namespace aquatic::load_test {
namespace {

// Beside connections: standard streams, polls, timers, and files in /proc that are looked at.
constexpr std::uint64_t kOtherFiles = 64;

void make_room_for_connections(const HttpLoadTestConfig& config) {
  const std::uint64_t connections = std::uint64_t{config.num_workers} * config.num_connections;
  const std::uint64_t limit = process::raise_open_file_limit();
  if (connections + kOtherFiles <= limit) return;
  throw std::runtime_error(
      fmt::format("{} connections need more than the {} open files that the process may have: "
                  "raise the hard limit (ulimit -Hn) or lower num_connections",
                  connections, limit));
}

}  // namespace

void run_http_load_test(const HttpLoadTestConfig& config) {
  make_room_for_connections(config);
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
