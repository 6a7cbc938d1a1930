// SPDX-License-Identifier: Apache-2.0
// What a UDP worker counts, for each IP version apart.
#pragma once
#include <array>
#include <cstddef>

#include "base/endpoint.h"
#include "metrics/counters.h"
#include "server/status/latency_meter.h"

namespace aquatic::server {

enum class UdpMetric {
  received_bytes,      // Of payloads, whatever was in them.
  sent_bytes,          // Of payloads.
  requests,            // Datagrams that could be decoded, also those with a wrong connection id.
  malformed,           // Datagrams that could not, and got no answer.
  bad_connection_ids,  // Requests with a forged or expired connection id; they got no answer.
  connect_responses,
  announce_responses,
  scrape_responses,
  error_responses,
  count,
};

// What its socket counts, of both versions; see net::DatagramCounters.
enum class UdpSocketMetric {
  kernel_drops,
  truncated,
  port_zero,
  receive_errors,
  send_errors,
  count,
};

// One worker's, written by it alone.
struct UdpMetrics {
  std::array<metrics::Counters<UdpMetric>, 2> by_family;
  metrics::Counters<UdpSocketMetric> socket;
  bool counts_kernel_drops = true;  // Of workers that share a socket, one does. Never changed.
  LatencyMeter latency;

  metrics::Counters<UdpMetric>& of(Family family) noexcept {
    return by_family[static_cast<std::size_t>(family)];
  }
  const metrics::Counters<UdpMetric>& of(Family family) const noexcept {
    return by_family[static_cast<std::size_t>(family)];
  }
};

}  // namespace aquatic::server
