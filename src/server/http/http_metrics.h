// SPDX-License-Identifier: Apache-2.0
// What an HTTP worker counts.
#pragma once
#include <array>
#include <cstddef>

#include "base/endpoint.h"
#include "metrics/counters.h"
#include "server/status/latency_meter.h"

namespace aquatic::server {

// For each IP version apart.
enum class HttpMetric {
  announce_requests,
  scrape_requests,
  full_scrape_requests,
  health_requests,
  announce_responses,
  scrape_responses,
  failure_responses,  // Bencoded, to announces and scrapes.
  error_responses,    // Status 4xx and 5xx: what a tracker client would not have sent.
  proxy_errors,       // Failures because a trusted proxy did not say who asks.
  count,
};

// One worker's, written by it alone.
struct HttpMetrics {
  std::array<metrics::Counters<HttpMetric>, 2> by_family;
  LatencyMeter latency;

  metrics::Counters<HttpMetric>& of(Family family) noexcept {
    return by_family[static_cast<std::size_t>(family)];
  }
  const metrics::Counters<HttpMetric>& of(Family family) const noexcept {
    return by_family[static_cast<std::size_t>(family)];
  }
};

}  // namespace aquatic::server
