// SPDX-License-Identifier: Apache-2.0
#include "server/status/stats_json.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/json.h"

namespace aquatic::server {
namespace {

constexpr unsigned ip_version(Family family) noexcept { return family == Family::ipv4 ? 4 : 6; }

constexpr std::string_view name_of(SwarmKind kind) noexcept {
  return kind == SwarmKind::bittorrent ? "bittorrent" : "webtorrent";
}

template <class Enum, std::size_t kCount>
constexpr std::string_view name_of(const std::array<std::string_view, kCount>& names, Enum which) {
  return names[static_cast<std::size_t>(which)];
}

std::optional<std::uint64_t> sum_seeders(const Figures& figures) {
  std::uint64_t sum = 0;
  for (const SwarmFigures& swarm : figures.swarms) {
    if (!swarm.seeders) return std::nullopt;
    sum += *swarm.seeders;
  }
  return sum;
}

void write_optional(JsonWriter& json, std::string_view name, std::optional<std::uint64_t> number) {
  json.key(name);
  number ? json.value(*number) : json.null();
}

// "qBittorrent 4.6.2" as name and version. A version begins with a digit.
std::pair<std::string_view, std::string_view> split_client(std::string_view client) noexcept {
  const std::size_t space = client.rfind(' ');
  if (space == std::string_view::npos || space + 1 >= client.size()) return {client, ""};
  const char first = client[space + 1];
  if (first < '0' || first > '9') return {client, ""};
  return {client.substr(0, space), client.substr(space + 1)};
}

// {"qBittorrent": {"4.6.2": 3}}
void write_clients_by_version(JsonWriter& json, const Figures& figures) {
  std::map<std::string_view, std::map<std::string_view, std::uint64_t>> clients;
  for (const ClientFigures& client : figures.clients) {
    const auto [name, version] = split_client(client.name);
    clients[name][version] += client.peers;
  }
  json.key("clients").begin_object();
  for (const auto& [name, versions] : clients) {
    json.key(escape_json(to_utf8(name))).begin_object();
    for (const auto& [version, peers] : versions) {
      json.member(escape_json(to_utf8(version)), peers);
    }
    json.end_object();
  }
  json.end_object();
}

// A torrent has a peer, or it is not there: all are active. A peer is one in a torrent, so none is
// a seeder and a leecher.
void write_as_bittorrent_tracker(JsonWriter& json, const Figures& figures) {
  std::uint64_t torrents = 0;
  std::array<std::uint64_t, 2> peers{};
  for (const SwarmFigures& swarm : figures.swarms) {
    torrents += swarm.torrents;
    peers[static_cast<std::size_t>(swarm.family)] += swarm.peers;
  }
  const std::uint64_t all = peers[0] + peers[1];
  const auto seeders = sum_seeders(figures);
  json.member("torrents", torrents).member("activeTorrents", torrents).member("peersAll", all);
  write_optional(json, "peersSeederOnly", seeders);
  write_optional(json, "peersLeecherOnly",
                 seeders ? std::optional(all - std::min(*seeders, all)) : std::nullopt);
  json.member("peersSeederAndLeecher", 0u);
  json.member("peersIPv4", peers[0]).member("peersIPv6", peers[1]);
  write_clients_by_version(json, figures);
}

void write_rates(JsonWriter& json, const Sample& rates) {
  json.key("rates").begin_object();
  for (std::size_t i = 0; i < Sample::kCount; ++i) {
    if (rates.values[i] == 0) continue;
    json.member(series_name(i), static_cast<double>(rates.values[i]));
  }
  json.end_object();
}

void write_actions(JsonWriter& json, std::string_view name, const ActionCounts& counts) {
  json.key(name).begin_object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) json.member(kActionNames[i], counts[i]);
  }
  json.end_object();
}

void write_traffic(JsonWriter& json, const Figures& figures) {
  // Of all workers together.
  std::map<std::pair<Protocol, Family>, TrafficFigures> sums;
  for (const TrafficFigures& from : figures.traffic) {
    TrafficFigures& sum = sums[{from.protocol, from.family}];
    for (std::size_t i = 0; i < sum.requests.size(); ++i) {
      sum.requests[i] += from.requests[i];
      sum.responses[i] += from.responses[i];
    }
    sum.received_bytes += from.received_bytes;
    sum.sent_bytes += from.sent_bytes;
  }
  json.key("traffic").begin_array();
  for (const auto& [key, sum] : sums) {
    json.begin_object().member("protocol", name_of(kProtocolNames, key.first));
    json.member("ipVersion", ip_version(key.second));
    write_actions(json, "requests", sum.requests);
    write_actions(json, "responses", sum.responses);
    // Only of datagrams it is known whose they are.
    if (key.first == Protocol::udp) {
      json.member("receivedBytes", sum.received_bytes).member("sentBytes", sum.sent_bytes);
    }
    json.end_object();
  }
  json.end_array();
}

void write_latencies(JsonWriter& json, const Figures& figures) {
  const auto microseconds = [](std::uint64_t ns) { return static_cast<double>(ns) / 1000; };
  json.key("latencies").begin_array();
  for (const LatencyFigures& from : figures.latencies) {
    const std::uint64_t count = from.latency.total();
    if (count == 0) continue;
    json.begin_object().member("protocol", name_of(kProtocolNames, from.protocol));
    json.member("action", name_of(kActionNames, from.action)).member("count", count);
    json.member("p50Us", microseconds(from.latency.at_share(0.5)));
    json.member("p99Us", microseconds(from.latency.at_share(0.99)));
    json.member("p999Us", microseconds(from.latency.at_share(0.999)));
    json.member("maxUs", microseconds(from.latency.at_share(1))).end_object();
  }
  json.end_array();
}

void write_connections(JsonWriter& json, const Figures& figures) {
  StreamFigures sum;
  for (const StreamFigures& from : figures.streams) {
    sum.open += from.open;
    sum.accepted += from.accepted;
    sum.received_bytes += from.received_bytes;
    sum.sent_bytes += from.sent_bytes;
    sum.handshakes += from.handshakes;
    sum.resumed_handshakes += from.resumed_handshakes;
  }
  std::uint64_t web_torrent = 0;
  for (const WebTorrentFigures& from : figures.web_torrent) web_torrent += from.open;
  json.key("connections").begin_object();
  json.member("open", sum.open).member("webTorrent", web_torrent);
  json.member("accepted", sum.accepted).member("receivedBytes", sum.received_bytes);
  json.member("sentBytes", sum.sent_bytes).member("handshakes", sum.handshakes);
  json.member("resumedHandshakes", sum.resumed_handshakes).end_object();
}

void write_swarms(JsonWriter& json, const Figures& figures) {
  json.key("swarms").begin_array();
  for (const SwarmFigures& swarm : figures.swarms) {
    json.begin_object().member("kind", name_of(swarm.kind));
    json.member("ipVersion", ip_version(swarm.family));
    json.member("torrents", swarm.torrents).member("peers", swarm.peers);
    write_optional(json, "seeders", swarm.seeders);
    write_optional(json, "downloads", swarm.downloads);
    if (swarm.has_histogram) {
      json.key("peersPerTorrent").begin_object();
      for (std::size_t i = 0; i < PeersPerTorrent::kNames.size(); ++i) {
        json.member(PeersPerTorrent::kNames[i], swarm.peers_per_torrent.peers[i]);
      }
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
}

void write_lists(JsonWriter& json, const Figures& figures) {
  json.key("troubles").begin_array();
  for (const TroubleFigures& trouble : figures.troubles) {
    json.begin_object().member("name", trouble.name).member("help", trouble.help);
    json.member("count", trouble.count).end_object();
  }
  json.end_array().key("memory").begin_array();
  for (const MemoryFigures& memory : figures.memory) {
    json.begin_object().member("part", memory.part).member("bytes", memory.bytes).end_object();
  }
  json.end_array().key("clientShare").begin_array();
  for (const ClientFigures& client : figures.clients) {
    json.begin_object().member("name", client.name).member("peers", client.peers).end_object();
  }
  json.end_array();
}

void write_process(JsonWriter& json, const Figures& figures) {
  if (!figures.process) return;
  const ProcessFigures& process = *figures.process;
  json.key("process").begin_object().member("cpuMilliseconds",
                                            static_cast<std::uint64_t>(process.cpu_s * 1000));
  json.member("residentBytes", process.resident_bytes);
  json.member("virtualBytes", process.virtual_bytes);
  json.member("openFds", process.open_fds).member("maxFds", process.max_fds).end_object();
}

void write_time(JsonWriter& json, const Figures& figures) {
  json.member("time", figures.unix_time_s).member("uptimeSeconds", figures.uptime_s);
}

}  // namespace

std::string make_stats_json(const Figures& figures, const Sample& rates) {
  JsonWriter json;
  json.begin_object();
  write_as_bittorrent_tracker(json, figures);
  json.member("tracker", "aquatic").member("version", figures.version);
  write_time(json, figures);
  json.member("accessListEntries", figures.access_list_entries);
  write_rates(json, rates);
  write_traffic(json, figures);
  write_latencies(json, figures);
  write_connections(json, figures);
  write_swarms(json, figures);
  write_lists(json, figures);
  write_process(json, figures);
  json.end_object();
  return std::move(json).text();
}

std::string make_stats_event(const Figures& figures, const Sample& rates) {
  JsonWriter json;
  json.begin_object();
  write_time(json, figures);
  write_rates(json, rates);
  json.end_object();
  return "event: second\ndata: " + json.text() + "\n\n";
}

std::string make_history_json(const History::Points& points) {
  JsonWriter json;
  json.begin_object().member("stepSeconds", points.step_s).member("endTime", points.end_time_s);
  json.member("points", points.samples.size()).key("series").begin_object();
  for (std::size_t i = 0; i < Sample::kCount; ++i) {
    const bool is_used = std::ranges::any_of(
        points.samples, [i](const Sample& sample) { return sample.values[i] != 0; });
    if (!is_used) continue;
    json.key(series_name(i)).begin_array();
    for (const Sample& sample : points.samples) json.value(static_cast<double>(sample.values[i]));
    json.end_array();
  }
  json.end_object().end_object();
  return std::move(json).text();
}

}  // namespace aquatic::server
