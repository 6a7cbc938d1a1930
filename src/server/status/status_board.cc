// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_board.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/random.h"
#include "process/entry.h"
#include "server/status/peers_per_torrent.h"
#include "server/status/prometheus_text.h"
#include "server/status/survey_report.h"

namespace aquatic::server {

StatusBoard::StatusBoard(StatusOptions options, Tracker& tracker)
    : options_(std::move(options)),
      tracker_(tracker),
      publisher_(tracker.swarm(), tracker.access_list()),
      swarm_census_(tracker.swarm(), options_.names_torrents) {
  if (options_.counts_clients) clients_.emplace(secret_seed());
  if (options_.scrape_export) {
    export_.emplace(*options_.scrape_export, tracker.swarm(), tracker.access_list());
  }
  if (!options_.html_path.empty()) html_.emplace(options_.html_path);
}

void StatusBoard::set_options(const StatusOptions& options) {
  if (options.html_path != options_.html_path) {
    html_.reset();
    if (!options.html_path.empty()) html_.emplace(options.html_path);
  }
  options_.report_interval_s = options.report_interval_s;
  options_.prints_report = options.prints_report;
  options_.html_path = options.html_path;
}

void StatusBoard::start(process::Workers& threads) {
  if (!export_) return;
  threads.start("scrape-export", [this](const std::stop_token& stop) { export_->run(stop); });
}

void StatusBoard::tick(Services services) {
  const Seconds now = tracker_.clock().now();
  if (clients_) clients_->tick(now);
  if (export_) export_->tick(now);
  if (options_.has_pages()) swarm_census_.count_some();
  const bool reports = is_report_due(now);
  if (!reports && !options_.has_pages()) return;

  const Figures figures = collect(services);
  if (options_.has_pages()) {
    publisher_.publish(figures, to_prometheus_text(figures),
                       options_.names_torrents ? &swarm_census_.ranking() : nullptr,
                       std::chrono::steady_clock::now());
  }
  if (reports) report(services, figures);
}

bool StatusBoard::is_report_due(Seconds now) noexcept {
  const bool has_reports = options_.prints_report || html_;
  if (!has_reports || options_.report_interval_s == 0) return false;
  if (now - reported_at_ < options_.report_interval_s) return false;
  reported_at_ = now;
  return true;
}

void StatusBoard::report(Services services, const Figures& figures) {
  if (html_) html_->write(figures);
  if (!options_.prints_report) return;
  const auto now = std::chrono::steady_clock::now();
  std::string text = fmt::format("access list entries: {}\n", figures.access_list_entries);
  for (const auto& service : services) text += service->report(now);
  append_surveys(text, figures);
  process::print(text);
}

Figures StatusBoard::collect(Services services) const {
  const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
  Figures figures;
  figures.version = process::version();
  figures.unix_time_s = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(unix_time).count());
  figures.uptime_s = tracker_.clock().now();
  figures.access_list_entries = tracker_.access_list().current()->size();
  if (options_.has_bittorrent_swarm) {
    collect_swarm(Family::ipv4, figures);
    collect_swarm(Family::ipv6, figures);
  }
  for (const auto& service : services) service->collect(figures);
  if (clients_) figures.clients = clients_->clients();
  if (clients_ && options_.counts_peer_id_prefixes) {
    figures.peer_id_prefixes = clients_->peer_id_prefixes();
  }
  figures.memory.push_back({"status_history", History::kMaxBytes});
  figures.process = process_.figures();
  figures.add_trouble("status_refused_viewers", "Too many who wanted to watch the live page.",
                      publisher_.subscribers().refused_count());
  return figures;
}

void StatusBoard::collect_swarm(Family family, Figures& figures) const {
  const swarm::Totals totals = tracker_.swarm().totals(family);
  SwarmFigures swarm{.kind = SwarmKind::bittorrent,
                     .family = family,
                     .torrents = totals.torrents,
                     .peers = totals.peers};
  // Nobody but the pages shows it, and then every torrent is looked at now and then.
  if (options_.has_pages()) {
    swarm.seeders = swarm_census_.sums(family).seeders;
    swarm.downloads = swarm_census_.sums(family).downloads;
  }
  set_peers_per_torrent(swarm, tracker_.swarm().torrent_sizes(family));
  figures.swarms.push_back(swarm);
  figures.memory.push_back(
      {family == Family::ipv4 ? "bittorrent_ipv4" : "bittorrent_ipv6", totals.memory_bytes});
}

}  // namespace aquatic::server
