// SPDX-License-Identifier: Apache-2.0
#include "server/status/survey_report.h"

#include <fmt/format.h>

#include <cstddef>

#include "server/report.h"
#include "server/status/figure_rates.h"

namespace aquatic::server {
namespace {

// A terminal has no room for more.
constexpr std::size_t kMaxClientLines = 20;

}  // namespace

void append_surveys(std::string& report, const Figures& figures) {
  for (const SwarmFigures& swarm : figures.swarms) {
    if (!swarm.has_histogram) continue;
    report +=
        fmt::format("peers per torrent, {} {}\n", title_of(swarm.kind), name_of(swarm.family));
    for (std::size_t i = 0; i < PeersPerTorrent::kNames.size(); ++i) {
      append_total(report, PeersPerTorrent::kNames[i], swarm.peers_per_torrent.peers[i]);
    }
  }
  if (figures.clients.empty()) return;
  report += "clients, estimated\n";
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i < figures.clients.size(); ++i) {
    const ClientFigures& client = figures.clients[i];
    if (i < kMaxClientLines) {
      append_total(report, client.name, client.peers);
    } else {
      rest += client.peers;
    }
  }
  if (rest > 0) append_total(report, "rarer ones", rest);
}

}  // namespace aquatic::server
