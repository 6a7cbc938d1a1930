// SPDX-License-Identifier: Apache-2.0
#include "tests/server/status/example_figures.h"

namespace aquatic::server {
namespace {

ActionCounts counts_of(std::initializer_list<std::pair<Action, std::uint64_t>> pairs) {
  ActionCounts counts{};
  for (const auto& [action, count] : pairs) counts[static_cast<std::size_t>(action)] = count;
  return counts;
}

std::vector<TrafficFigures> traffic() {
  using enum Action;
  const auto v4 = Family::ipv4;
  const auto v6 = Family::ipv6;
  const ActionCounts udp = counts_of({{connect, 400}, {announce, 500}, {scrape, 60}, {error, 7}});
  const ActionCounts http = counts_of({{announce, 120}, {scrape, 4}, {error, 3}});
  const ActionCounts ws =
      counts_of({{offer, 33}, {offer_answer, 22}, {announce, 44}, {scrape, 2}, {error, 1}});
  const ActionCounts ws_requests = counts_of({{announce, 45}, {scrape, 2}, {offer_answer, 23}});
  return {
      {Protocol::udp, v4, 0, counts_of({{any, 1'000}}), udp, 98'000, 120'000},
      {Protocol::udp, v6, 0, counts_of({{any, 2'000}}), udp, 198'000, 240'000},
      {Protocol::udp, v4, 1, counts_of({{any, 1'100}}), udp, 99'000, 121'000},
      {Protocol::udp, v6, 1, {}, {}, 0, 0},
      {Protocol::http, v4, 0, counts_of({{announce, 123}, {scrape, 4}}), http, 0, 0},
      {Protocol::http, v6, 0, {}, {}, 0, 0},
      {Protocol::ws, v4, 0, ws_requests, ws, 0, 0},
      {Protocol::ws, v6, 0, {}, {}, 0, 0},
  };
}

LatencyFigures latency(Protocol protocol, Action action, std::uint64_t scale) {
  metrics::LatencyRecorder recorder;
  for (std::uint64_t i = 1; i <= 100; ++i) recorder.record(i * scale);
  LatencyFigures figures{protocol, action, {}};
  recorder.add_to(figures.latency);
  return figures;
}

SwarmFigures swarm(SwarmKind kind, Family family, std::uint64_t torrents, std::uint64_t peers) {
  SwarmFigures figures{.kind = kind,
                       .family = family,
                       .torrents = torrents,
                       .peers = peers,
                       .seeders = peers / 2,
                       .has_histogram = true};
  for (std::size_t i = 0; i < figures.peers_per_torrent.peers.size(); ++i) {
    figures.peers_per_torrent.peers[i] = 1 + i * i;
  }
  return figures;
}

}  // namespace

Figures example_figures() {
  Figures figures;
  figures.version = "0.1.0";
  figures.unix_time_s = 1'750'000'600;
  figures.uptime_s = 600;
  figures.access_list_entries = 12;
  figures.traffic = traffic();
  figures.latencies = {latency(Protocol::udp, Action::announce, 400),
                       latency(Protocol::udp, Action::scrape, 900),
                       latency(Protocol::http, Action::announce, 70'000),
                       latency(Protocol::ws, Action::announce, 9'000'000)};
  figures.streams = {{0, 30, 90, 55'000, 66'000, 80, 20}};
  figures.web_torrent = {{Family::ipv4, 0, 11}, {Family::ipv6, 0, 2}};
  figures.swarms = {swarm(SwarmKind::bittorrent, Family::ipv4, 250, 1'700),
                    swarm(SwarmKind::bittorrent, Family::ipv6, 50, 170),
                    swarm(SwarmKind::webtorrent, Family::ipv4, 9, 18)};
  figures.troubles = {{"udp_kernel_drops", "Datagrams that the kernel had no room for.", 5},
                      {"udp_malformed_datagrams", "Datagrams that are no request.", 6},
                      {"tcp_refused_connections", "Connections above a limit.", 0}};
  figures.memory = {{"bittorrent", 4'000'000}, {"webtorrent", 90'000}, {"connections", 70'000}};
  figures.clients = {{"qBittorrent 4.6.2", 70}, {"Transmission 3.00", 40}, {"Other", 3}};
  figures.peer_id_prefixes = {{"2d7142343632302d", 70}, {"2d5452333030302d", 40}};
  figures.process = ProcessFigures{12.5, 1'750'000'000.25, 44'000'000, 1'900'000'000, 57, 65'536};
  return figures;
}

}  // namespace aquatic::server
