// SPDX-License-Identifier: Apache-2.0
// What a tracker shows of itself, and where: its settings, in their own words.
//
// Control plane only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/endpoint.h"
#include "server/status/latency_meter.h"
#include "server/status/scrape_export.h"

namespace aquatic::server {

struct StatusOptions {
  std::uint64_t report_interval_s = 0;  // Of what is printed and written; 0 is never.
  bool prints_report = false;
  std::string html_path = {};            // Of the page of statistics; empty is none.
  std::optional<Endpoint> address = {};  // Of the live page and the metrics.
  bool is_on_main_port = false;          // They are there, too.
  bool names_torrents = false;           // To whoever reaches the pages.
  bool counts_clients = false;
  bool counts_peer_id_prefixes = false;
  bool counts_peers_per_torrent = false;
  bool has_bittorrent_swarm = true;  // There are UDP or HTTP.
  std::optional<ScrapeExportOptions> scrape_export = {};

  bool has_pages() const noexcept { return address.has_value() || is_on_main_port; }
  // Nobody looks at latencies but the pages.
  Timing timing() const noexcept { return has_pages() ? Timing::on : Timing::off; }
};

// From the sections that all trackers have, and those that some do.
template <class Config>
StatusOptions status_options(const Config& config) {
  const auto& statistics = config.statistics;
  StatusOptions options{
      .report_interval_s = statistics.interval,
      .prints_report = statistics.print_to_stdout,
      .html_path = statistics.write_html_to_file ? statistics.html_file_path : std::string(),
      .counts_clients = statistics.peer_clients,
      .counts_peers_per_torrent = statistics.torrent_peer_histograms};
  // The original had the settings of its metrics in either section.
  const auto take_metrics = [&options](const auto& section) {
    if (section.run_prometheus_endpoint) {
      options.address = Endpoint(section.prometheus_endpoint_address);
    }
    options.names_torrents = section.name_torrents;
    if constexpr (requires { section.peer_clients; }) {
      options.counts_clients = options.counts_clients || section.peer_clients;
    }
  };
  if constexpr (requires { config.metrics; }) {
    take_metrics(config.metrics);
    options.counts_peer_id_prefixes = config.metrics.peer_id_prefixes;
  } else {
    take_metrics(statistics);
    options.counts_peer_id_prefixes = statistics.prometheus_peer_id_prefixes;
  }
  if constexpr (requires { config.network.serve_stats; }) {
    options.is_on_main_port = config.network.serve_stats;
  }
  if constexpr (requires { config.scrape_exports; }) {
    const auto& exports = config.scrape_exports;
    if (exports.enable_scrape_exports) {
      options.scrape_export = {
          .path = exports.path,
          .frequency = exports.frequency,
          .cleaning_interval_s = static_cast<Seconds>(config.cleaning.torrent_cleaning_interval)};
    }
  }
  return options;
}

}  // namespace aquatic::server
