// SPDX-License-Identifier: Apache-2.0
// What UDP workers count, as figures.
#pragma once
#include <cstdint>
#include <span>

#include "base/endpoint.h"
#include "server/status/figures.h"
#include "server/udp/udp_metrics.h"

namespace aquatic::server {

// The responses of a worker to peers of either IP version. By its own thread, or any other.
ActionCounts responses_of(const UdpMetrics& metrics) noexcept;

// Adds what worker `number` of those that serve these families counts, but not its latencies.
// Control plane only.
void add_figures(const UdpMetrics& metrics, std::uint32_t number, std::span<const Family> families,
                 Figures& figures);

}  // namespace aquatic::server
