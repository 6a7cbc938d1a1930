// SPDX-License-Identifier: Apache-2.0
#include "server/status/figure_rates.h"

#include <algorithm>
#include <numeric>

#include "server/report.h"

namespace aquatic::server {
namespace {

// What the wire carries beside the payload of a datagram: an IP and a UDP header.
constexpr double header_bytes(Family family) { return (family == Family::ipv4 ? 20 : 40) + 8; }

// Seconds between the two; never 0, as rates are divided by it.
double seconds_between(const Figures& now, const Figures* before) {
  const std::uint64_t earlier = before == nullptr ? 0 : before->uptime_s;
  return static_cast<double>(std::max<std::uint64_t>(1, now.uptime_s - earlier));
}

struct Counts {
  std::array<double, static_cast<std::size_t>(Action::count)> requests{};
  std::array<double, static_cast<std::size_t>(Action::count)> responses{};
  double received_bytes = 0;
  double sent_bytes = 0;

  void add(const TrafficFigures& traffic, double sign) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      requests[i] += sign * static_cast<double>(traffic.requests[i]);
      responses[i] += sign * static_cast<double>(traffic.responses[i]);
    }
    received_bytes += sign * static_cast<double>(traffic.received_bytes);
    sent_bytes += sign * static_cast<double>(traffic.sent_bytes);
  }
};

double sum_of(const std::array<double, static_cast<std::size_t>(Action::count)>& rates) {
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

TrafficRates rates_of(Protocol protocol, Family family, const Counts& counts, double seconds) {
  TrafficRates rates{.protocol = protocol, .family = family};
  for (std::size_t i = 0; i < counts.requests.size(); ++i) {
    rates.requests_by_action[i] = counts.requests[i] / seconds;
    rates.responses_by_action[i] = counts.responses[i] / seconds;
  }
  rates.requests = sum_of(rates.requests_by_action);
  rates.responses = sum_of(rates.responses_by_action);
  if (protocol == Protocol::udp) {
    const auto megabits = [&](double bytes, double datagrams) {
      return (bytes / seconds + datagrams * header_bytes(family)) * 8 / kBitsPerMegabit;
    };
    rates.received_megabits = megabits(counts.received_bytes, rates.requests);
    rates.sent_megabits = megabits(counts.sent_bytes, rates.responses);
  }
  return rates;
}

}  // namespace

std::vector<TrafficRates> traffic_rates(const Figures& now, const Figures* before) {
  std::vector<TrafficRates> all;
  for (const Protocol protocol : {Protocol::udp, Protocol::http, Protocol::ws}) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      const auto is_meant = [&](const TrafficFigures& traffic) {
        return traffic.protocol == protocol && traffic.family == family;
      };
      if (std::ranges::none_of(now.traffic, is_meant)) continue;
      Counts counts;
      for (const TrafficFigures& traffic : now.traffic) {
        if (is_meant(traffic)) counts.add(traffic, 1);
      }
      if (before != nullptr) {
        for (const TrafficFigures& traffic : before->traffic) {
          if (is_meant(traffic)) counts.add(traffic, -1);
        }
      }
      all.push_back(rates_of(protocol, family, counts, seconds_between(now, before)));
    }
  }
  return all;
}

StreamRates stream_rates(const Figures& now, const Figures* before) {
  StreamRates rates;
  const auto add = [&rates](const StreamFigures& streams, double sign) {
    rates.accepted += sign * static_cast<double>(streams.accepted);
    rates.received_megabits += sign * static_cast<double>(streams.received_bytes);
    rates.sent_megabits += sign * static_cast<double>(streams.sent_bytes);
    rates.handshakes += sign * static_cast<double>(streams.handshakes);
    rates.resumed_handshakes += sign * static_cast<double>(streams.resumed_handshakes);
  };
  for (const StreamFigures& streams : now.streams) {
    rates.open += streams.open;
    add(streams, 1);
  }
  if (before != nullptr) {
    for (const StreamFigures& streams : before->streams) add(streams, -1);
  }
  const double seconds = seconds_between(now, before);
  rates.accepted /= seconds;
  rates.received_megabits *= 8 / kBitsPerMegabit / seconds;
  rates.sent_megabits *= 8 / kBitsPerMegabit / seconds;
  rates.handshakes /= seconds;
  rates.resumed_handshakes /= seconds;
  return rates;
}

std::string_view title_of(Protocol protocol) noexcept {
  switch (protocol) {
    case Protocol::udp: return "UDP";
    case Protocol::http: return "HTTP";
    case Protocol::ws: return "WebTorrent";
    case Protocol::count: break;
  }
  return "";
}

std::string_view title_of(SwarmKind kind) noexcept {
  return kind == SwarmKind::bittorrent ? "BitTorrent" : "WebTorrent";
}

}  // namespace aquatic::server
