// SPDX-License-Identifier: Apache-2.0
// A load test from its first request to its report, whatever the protocol.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/endpoint.h"
#include "config/settings.h"
#include "load_test/generator.h"
#include "load_test/population.h"
#include "load_test/torrent_tally.h"

namespace aquatic::load_test {

// What the settings of all load tests say; see the .def files.
struct LoadTestOptions {
  std::string program;
  Endpoint tracker;
  std::uint32_t workers = 1;
  std::uint32_t torrents = 1;
  std::uint32_t peers = 0;
  Popularity popularity = Popularity::steep;
  std::uint64_t rate = 0;
  std::uint64_t duration_s = 0;
  std::uint64_t summarize_last_s = 0;
  std::uint64_t warmup_s = 0;
  bool counts_torrents = false;
  std::uint32_t tracker_pid = 0;
  std::string report_json;
  std::string info_hashes_path;
  // What counts, and the duration, begins when all workers are ready: within so many seconds, or it
  // is an error. 0: it begins at once.
  std::uint64_t ready_within_s = 0;
  std::uint16_t tracker_udp_port = 0;  // Whose drops count; 0 is none.
  config::Sections settings;           // All of them, for the reports.
};

// The settings that have the same name in every load test.
template <class Config>
LoadTestOptions common_options(Config& config) {
  return {.program = {},
          .tracker = config.server_address,
          .rate = config.rate,
          .duration_s = config.duration,
          .summarize_last_s = config.summarize_last,
          .warmup_s = config.warmup,
          .counts_torrents = config.extra_statistics,
          .tracker_pid = config.tracker_pid,
          .report_json = config.report_json,
          .info_hashes_path = config.info_hashes_path,
          .settings = config::describe(config)};
}

// Makes worker `index`; `per_torrent` may be null. Both outlive the generator.
using MakeGenerator = std::function<std::unique_ptr<Generator>(
    const Population& population, std::uint32_t index, TorrentTally* per_torrent)>;

// Asks the tracker for the duration, or until SIGINT or SIGTERM, and prints reports on stdout, the
// last line of which is "Average responses per second: N". Throws std::runtime_error with one
// sentence if it cannot start, if there was no response at all, and, after the report, if there
// were wrong responses.
void run_load_test(const LoadTestOptions& options, const MakeGenerator& make);

}  // namespace aquatic::load_test
