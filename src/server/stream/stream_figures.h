// SPDX-License-Identifier: Apache-2.0
// What workers count of their connections, as figures.
//
// Control plane only.
#pragma once
#include <cstdint>

#include "server/status/figures.h"
#include "server/stream/stream_metrics.h"

namespace aquatic::server {

// Adds what worker `number` counts.
void add_figures(const StreamMetrics& metrics, std::uint32_t number, Figures& figures);

}  // namespace aquatic::server
