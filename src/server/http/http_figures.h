// SPDX-License-Identifier: Apache-2.0
// What HTTP workers count, as figures.
#pragma once
#include <cstdint>

#include "server/http/http_metrics.h"
#include "server/status/figures.h"

namespace aquatic::server {

// The responses of a worker to peers of either IP version. By its own thread, or any other.
ActionCounts responses_of(const HttpMetrics& metrics) noexcept;

// Adds what worker `number` counts, but not its latencies. Control plane only.
void add_figures(const HttpMetrics& metrics, std::uint32_t number, Figures& figures);

}  // namespace aquatic::server
