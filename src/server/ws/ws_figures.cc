// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_figures.h"

namespace aquatic::server {
namespace {

using FamilyCounters = metrics::Counters<WsMetric>;

struct Trouble {
  std::string_view name;
  std::string_view help;
  WsMetric metric;
};

constexpr Trouble kTroubles[] = {
    {"ws_refused_upgrades", "Connections that asked for WebSocket as RFC 6455 does not allow.",
     WsMetric::refused_upgrades},
    {"ws_refused_origins", "Connections of web sites that may not connect.",
     WsMetric::refused_origins},
    {"ws_bad_messages", "Messages that are no request.", WsMetric::bad_messages},
    {"ws_unknown_receivers", "Answers to peers who were gone.", WsMetric::unknown_receivers},
    {"ws_frame_errors", "Connections closed because of what RFC 6455 forbids.",
     WsMetric::frame_errors},
    {"ws_bad_message_closes", "Connections closed because of too many bad messages.",
     WsMetric::bad_message_closes},
    {"ws_slow_receivers", "Connections closed because they did not take what others sent.",
     WsMetric::slow_receivers},
    {"ws_dead_peers", "Connections closed because a ping had no answer.", WsMetric::dead_peers},
    {"ws_idle_closes", "Connections closed because they had no requests.", WsMetric::idle_closes},
};

ActionCounts responses_of(const FamilyCounters& counters) noexcept {
  ActionCounts counts{};
  at(counts, Action::announce) = counters.get(WsMetric::announce_responses);
  at(counts, Action::scrape) = counters.get(WsMetric::scrape_responses);
  at(counts, Action::offer) = counters.get(WsMetric::offers);
  at(counts, Action::offer_answer) = counters.get(WsMetric::answers);
  at(counts, Action::error) = counters.get(WsMetric::failure_responses);
  return counts;
}

}  // namespace

ActionCounts responses_of(const WsMetrics& metrics) noexcept {
  return responses_of(metrics.of(Family::ipv4)) + responses_of(metrics.of(Family::ipv6));
}

void add_figures(const WsMetrics& metrics, std::uint32_t number, Figures& figures) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const FamilyCounters& counters = metrics.of(family);
    TrafficFigures traffic{.protocol = Protocol::ws, .family = family, .worker = number};
    at(traffic.requests, Action::announce) = counters.get(WsMetric::announce_requests);
    at(traffic.requests, Action::scrape) = counters.get(WsMetric::scrape_requests);
    at(traffic.requests, Action::offer_answer) = counters.get(WsMetric::answer_requests);
    traffic.responses = responses_of(counters);
    figures.traffic.push_back(traffic);
    // Read in this order, so that there are never more closed than opened.
    const std::uint64_t closed = counters.get(WsMetric::closed);
    figures.web_torrent.push_back(
        {.family = family, .worker = number, .open = counters.get(WsMetric::upgrades) - closed});
    for (const Trouble& trouble : kTroubles) {
      figures.add_trouble(trouble.name, trouble.help, counters.get(trouble.metric));
    }
  }
}

}  // namespace aquatic::server
