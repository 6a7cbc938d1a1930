// SPDX-License-Identifier: Apache-2.0
// What a WebTorrent worker counts.
#pragma once
#include <array>
#include <cstddef>

#include "base/endpoint.h"
#include "metrics/counters.h"
#include "server/status/latency_meter.h"

namespace aquatic::server {

// For each IP version apart: that of the peer.
enum class WsMetric {
  upgrades,          // Connections that became WebSocket.
  refused_upgrades,  // Asked for in a way that is not RFC 6455's,
  refused_origins,   // or by a page that may not.
  closed,            // Upgraded connections that are gone.
  announce_requests,
  scrape_requests,
  answer_requests,
  announce_responses,
  scrape_responses,
  failure_responses,  // To requests, valid or not.
  bad_messages,       // That are no request.
  offers,             // Passed on.
  answers,            // Passed on.
  unknown_receivers,  // Answers to peers who are gone.
  frame_errors,       // Connections closed because of what RFC 6455 forbids.
  bad_message_closes,
  slow_receivers,  // Connections closed because they did not take what others sent.
  dead_peers,      // Connections closed because a ping had no answer.
  idle_closes,     // Connections closed because they had no requests.
  pings,
  count,
};

// One worker's, written by it alone.
struct WsMetrics {
  std::array<metrics::Counters<WsMetric>, 2> by_family;
  LatencyMeter latency;

  metrics::Counters<WsMetric>& of(Family family) noexcept {
    return by_family[static_cast<std::size_t>(family)];
  }
  const metrics::Counters<WsMetric>& of(Family family) const noexcept {
    return by_family[static_cast<std::size_t>(family)];
  }
};

}  // namespace aquatic::server
