// SPDX-License-Identifier: Apache-2.0
#include "server/status/prometheus_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/json.h"

namespace aquatic::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Families = std::vector<MetricFamily>;
using Labels = std::vector<ClientMetric::Label>;

constexpr double kNanosecondsPerSecond = 1e9;

// 1, 2.5, 5 in each decade, from what UDP takes at its best to what no peer waits for.
constexpr std::array<std::uint64_t, 20> kLatencyBoundsNs = {
    1'000,      2'500,       5'000,       10'000,      25'000,        50'000,       100'000,
    250'000,    500'000,     1'000'000,   2'500'000,   5'000'000,     10'000'000,   25'000'000,
    50'000'000, 100'000'000, 250'000'000, 500'000'000, 1'000'000'000, 5'000'000'000};

constexpr unsigned set_of(auto... actions) {
  return ((1u << static_cast<unsigned>(actions)) | ...);
}

// By Protocol: the series that are there from the start, so that a rate is known of the very first
// one that is counted. Others come once there is something to count.
constexpr std::array<unsigned, kProtocolNames.size()> kUsualRequests = {
    set_of(Action::any), set_of(Action::announce, Action::scrape),
    set_of(Action::announce, Action::scrape, Action::offer_answer)};
constexpr std::array<unsigned, kProtocolNames.size()> kUsualResponses = {
    set_of(Action::connect, Action::announce, Action::scrape, Action::error),
    set_of(Action::announce, Action::scrape, Action::error),
    set_of(Action::announce, Action::scrape, Action::offer, Action::offer_answer, Action::error)};

MetricFamily family_of(MetricType type, std::string name, std::string help) {
  return {std::move(name), std::move(help), type, {}};
}

void add(MetricFamily& family, Labels labels, double value) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  // Only the one of the family's type is written.
  metric.counter.value = metric.gauge.value = metric.untyped.value = value;
}

void add(MetricFamily& family, Labels labels, std::uint64_t value) {
  add(family, std::move(labels), static_cast<double>(value));
}

void append(Families& families, MetricFamily family) {
  if (!family.metric.empty()) families.push_back(std::move(family));
}

void append_single(Families& families, MetricFamily family, auto value) {
  add(family, {}, value);
  append(families, std::move(family));
}

std::string text_of(Protocol protocol) {
  return std::string(kProtocolNames[static_cast<std::size_t>(protocol)]);
}

std::string text_of(Action action) {
  return std::string(kActionNames[static_cast<std::size_t>(action)]);
}

std::string text_of(Family family) { return family == Family::ipv4 ? "4" : "6"; }

std::string text_of(SwarmKind kind) {
  return kind == SwarmKind::bittorrent ? "bittorrent" : "webtorrent";
}

// One byte that is not UTF-8 would cost the whole page, and what a program calls itself is the
// peer's choice. The serializer escapes the rest.
std::string printable(std::string_view text) {
  std::string result = to_utf8(text);
  const auto is_control = [](unsigned char c) { return c < ' ' || c == '\x7f'; };
  std::ranges::replace_if(result, is_control, '?');
  return result;
}

Labels labels_of(const TrafficFigures& traffic) {
  return {{"protocol", text_of(traffic.protocol)},
          {"ip_version", text_of(traffic.family)},
          {"worker_index", std::to_string(traffic.worker)}};
}

void add_by_action(MetricFamily& family, const TrafficFigures& traffic, const ActionCounts& counts,
                   unsigned usual) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto action = static_cast<Action>(i);
    if (counts[i] == 0 && (usual & set_of(action)) == 0) continue;
    Labels labels = labels_of(traffic);
    if (action != Action::any) labels.push_back({"type", text_of(action)});
    add(family, std::move(labels), counts[i]);
  }
}

void append_requests_and_responses(Families& families, const Figures& figures) {
  MetricFamily requests =
      family_of(MetricType::Counter, "aquatic_requests_total",
                "Requests that could be decoded. UDP does not tell them apart by type.");
  MetricFamily responses = family_of(MetricType::Counter, "aquatic_responses_total",
                                     "Responses, and WebTorrent messages that were passed on.");
  for (const TrafficFigures& traffic : figures.traffic) {
    const auto protocol = static_cast<std::size_t>(traffic.protocol);
    add_by_action(requests, traffic, traffic.requests, kUsualRequests[protocol]);
    add_by_action(responses, traffic, traffic.responses, kUsualResponses[protocol]);
  }
  append(families, std::move(requests));
  append(families, std::move(responses));
}

// The Rust tracker has these counters without the `_total` that its type calls for. Under that
// name they have no type, which changes nothing for queries.
void append_datagram_bytes(Families& families, const Figures& figures, const std::string& name,
                           const std::string& what, std::uint64_t TrafficFigures::* bytes) {
  MetricFamily old_name =
      family_of(MetricType::Untyped, name, "The same as " + name + "_total, which see.");
  MetricFamily total = family_of(MetricType::Counter, name + "_total",
                                 "Bytes in UDP datagrams that were " + what + ", without headers.");
  for (const TrafficFigures& traffic : figures.traffic) {
    if (traffic.protocol != Protocol::udp) continue;
    add(old_name, labels_of(traffic), traffic.*bytes);
    add(total, labels_of(traffic), traffic.*bytes);
  }
  append(families, std::move(old_name));
  append(families, std::move(total));
}

void append_latencies(Families& families, const Figures& figures) {
  MetricFamily durations =
      family_of(MetricType::Histogram, "aquatic_request_duration_seconds",
                "From when a worker had a request until it had handed over the response.");
  for (const auto& [protocol, action, latency] : figures.latencies) {
    ClientMetric& metric = durations.metric.emplace_back();
    metric.label = {{"protocol", text_of(protocol)}, {"type", text_of(action)}};
    metric.histogram.sample_count = latency.total();
    metric.histogram.sample_sum = static_cast<double>(latency.sum_ns()) / kNanosecondsPerSecond;
    for (const std::uint64_t ns : kLatencyBoundsNs) {
      metric.histogram.bucket.push_back(
          {latency.count_up_to(ns), static_cast<double>(ns) / kNanosecondsPerSecond});
    }
  }
  append(families, std::move(durations));
}

// Connections that became WebSocket are known by IP version, the others are what is left of all.
void append_connections(Families& families, const Figures& figures) {
  MetricFamily connections =
      family_of(MetricType::Gauge, "aquatic_active_connections",
                "Open connections: ws once they are WebSocket, http until then and otherwise.");
  std::map<std::uint32_t, std::uint64_t> ws_of_worker;
  for (const WebTorrentFigures& ws : figures.web_torrent) {
    ws_of_worker[ws.worker] += ws.open;
    add(connections,
        {{"protocol", "ws"},
         {"ip_version", text_of(ws.family)},
         {"worker_index", std::to_string(ws.worker)}},
        ws.open);
  }
  for (const StreamFigures& streams : figures.streams) {
    const std::uint64_t ws = std::min(ws_of_worker[streams.worker], streams.open);
    add(connections, {{"protocol", "http"}, {"worker_index", std::to_string(streams.worker)}},
        streams.open - ws);
  }
  append(families, std::move(connections));
}

void append_of_streams(Families& families, const Figures& figures, std::string name,
                       std::string help, std::uint64_t StreamFigures::* count) {
  MetricFamily family = family_of(MetricType::Counter, std::move(name), std::move(help));
  for (const StreamFigures& streams : figures.streams) {
    add(family, {{"worker_index", std::to_string(streams.worker)}}, streams.*count);
  }
  append(families, std::move(family));
}

void append_streams(Families& families, const Figures& figures) {
  append_connections(families, figures);
  append_of_streams(families, figures, "aquatic_accepted_connections_total",
                    "TCP connections that were accepted.", &StreamFigures::accepted);
  append_of_streams(families, figures, "aquatic_stream_rx_bytes_total",
                    "Bytes received on TCP connections, inside of TLS.",
                    &StreamFigures::received_bytes);
  append_of_streams(families, figures, "aquatic_stream_tx_bytes_total",
                    "Bytes sent on TCP connections, inside of TLS.", &StreamFigures::sent_bytes);
  MetricFamily handshakes = family_of(MetricType::Counter, "aquatic_tls_handshakes_total",
                                      "TLS handshakes that were finished.");
  for (const StreamFigures& streams : figures.streams) {
    const std::string worker = std::to_string(streams.worker);
    const std::uint64_t resumed = std::min(streams.resumed_handshakes, streams.handshakes);
    add(handshakes, {{"worker_index", worker}, {"resumed", "no"}}, streams.handshakes - resumed);
    add(handshakes, {{"worker_index", worker}, {"resumed", "yes"}}, resumed);
  }
  append(families, std::move(handshakes));
}

void append_swarms(Families& families, const Figures& figures) {
  MetricFamily torrents = family_of(MetricType::Gauge, "aquatic_torrents",
                                    "Torrents. Those of bittorrent are shared by UDP and HTTP.");
  MetricFamily peers = family_of(MetricType::Gauge, "aquatic_peers",
                                 "Peers: one for each torrent that somebody is in.");
  MetricFamily seeders = family_of(MetricType::Gauge, "aquatic_seeders",
                                   "Those of aquatic_peers that have all of their torrent.");
  MetricFamily shares = family_of(MetricType::Gauge, "aquatic_peers_per_torrent",
                                  "Peers that a share of the torrents does not exceed.");
  for (const SwarmFigures& swarm : figures.swarms) {
    const Labels labels = {{"swarm", text_of(swarm.kind)}, {"ip_version", text_of(swarm.family)}};
    add(torrents, labels, swarm.torrents);
    add(peers, labels, swarm.peers);
    if (swarm.seeders) add(seeders, labels, *swarm.seeders);
    if (!swarm.has_histogram) continue;
    for (std::size_t i = 0; i < PeersPerTorrent::kNames.size(); ++i) {
      Labels of_share = labels;
      of_share.push_back({"type", std::string(PeersPerTorrent::kNames[i])});
      add(shares, std::move(of_share), swarm.peers_per_torrent.peers[i]);
    }
  }
  append(families, std::move(torrents));
  append(families, std::move(peers));
  append(families, std::move(seeders));
  append(families, std::move(shares));
}

// `names` as they come until there are `limit` of them, and a series for all others.
void append_census(Families& families, MetricFamily family, std::string label,
                   const std::vector<std::pair<std::string_view, std::uint64_t>>& names,
                   std::size_t limit) {
  std::map<std::string, std::uint64_t> peers_of;
  for (const auto& [name, peers] : names) {
    std::string text = printable(name);
    const bool has_room = peers_of.size() < limit || peers_of.contains(text);
    peers_of[has_room ? std::move(text) : std::string(kRestOfSeries)] += peers;
  }
  for (const auto& [name, peers] : peers_of) add(family, {{label, name}}, peers);
  append(families, std::move(family));
}

void append_clients(Families& families, const Figures& figures) {
  std::vector<std::pair<std::string_view, std::uint64_t>> names;
  for (const ClientFigures& client : figures.clients) names.push_back({client.name, client.peers});
  append_census(families,
                family_of(MetricType::Gauge, "aquatic_peer_clients",
                          "Peers that were looked at, by the program that they use."),
                "client", names, kMaxClientSeries);
  names.clear();
  for (const auto& [hex, peers] : figures.peer_id_prefixes) names.push_back({hex, peers});
  append_census(families,
                family_of(MetricType::Gauge, "aquatic_peer_id_prefixes",
                          "Peers that were looked at, by the first eight bytes of their ids."),
                "prefix_hex", names, kMaxPeerIdPrefixSeries);
}

void append_troubles(Families& families, const Figures& figures) {
  MetricFamily troubles = family_of(MetricType::Counter, "aquatic_troubles_total",
                                    "What was turned away, given up or lost, by what it was.");
  for (const TroubleFigures& trouble : figures.troubles) {
    add(troubles, {{"what", std::string(trouble.name)}}, trouble.count);
  }
  append(families, std::move(troubles));
}

void append_tracker(Families& families, const Figures& figures) {
  append_troubles(families, figures);
  MetricFamily memory = family_of(MetricType::Gauge, "aquatic_memory_bytes",
                                  "Memory that is in use, by what it is used for.");
  for (const auto& [part, bytes] : figures.memory)
    add(memory, {{"part", std::string(part)}}, bytes);
  append(families, std::move(memory));
  append_single(families,
                family_of(MetricType::Gauge, "aquatic_access_list_entries",
                          "Info hashes in the access list."),
                figures.access_list_entries);
  append_single(
      families,
      family_of(MetricType::Gauge, "aquatic_uptime_seconds", "Since the tracker was started."),
      figures.uptime_s);
  MetricFamily build =
      family_of(MetricType::Gauge, "aquatic_build_info", "Always 1: the version is a label.");
  add(build, {{"version", printable(figures.version)}}, std::uint64_t{1});
  append(families, std::move(build));
}

// Names and texts as in all of Prometheus's client libraries.
void append_process(Families& families, const ProcessFigures& process) {
  const auto gauge = [&](const char* name, const char* help, auto value) {
    append_single(families, family_of(MetricType::Gauge, name, help), value);
  };
  append_single(families,
                family_of(MetricType::Counter, "process_cpu_seconds_total",
                          "Total user and system CPU time spent in seconds."),
                process.cpu_s);
  gauge("process_open_fds", "Number of open file descriptors.", process.open_fds);
  gauge("process_max_fds", "Maximum number of open file descriptors.", process.max_fds);
  gauge("process_resident_memory_bytes", "Resident memory size in bytes.", process.resident_bytes);
  gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", process.virtual_bytes);
  gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
        process.start_unix_time_s);
}

}  // namespace

std::string to_prometheus_text(const Figures& figures) {
  Families families;
  append_requests_and_responses(families, figures);
  append_datagram_bytes(families, figures, "aquatic_rx_bytes", "received",
                        &TrafficFigures::received_bytes);
  append_datagram_bytes(families, figures, "aquatic_tx_bytes", "sent", &TrafficFigures::sent_bytes);
  append_latencies(families, figures);
  append_streams(families, figures);
  append_swarms(families, figures);
  append_clients(families, figures);
  append_tracker(families, figures);
  if (figures.process) append_process(families, *figures.process);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace aquatic::server
