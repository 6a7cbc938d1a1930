// SPDX-License-Identifier: Apache-2.0
// Figures in Prometheus's text format (0.0.4), for the control plane.
//
// The names and labels of the Rust tracker are kept, so that its dashboards go on working; a label
// `protocol` or `swarm` comes on top. No series is part of another one: summing a metric up over
// any of its labels counts everything once.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "server/status/figures.h"

namespace aquatic::server {

inline constexpr std::string_view kPrometheusContentType =
    "text/plain; version=0.0.4; charset=utf-8";

// What peers choose may not fill somebody's database. All beyond these limits, and what the lists
// name twice, is added up in one series, so that a sum is still right.
inline constexpr std::size_t kMaxClientSeries = 200;
inline constexpr std::size_t kMaxPeerIdPrefixSeries = 500;
inline constexpr std::string_view kRestOfSeries = "(rest)";

// Requires: no two entries of a list are about the same thing (protocol, family, worker and so on);
// clients and prefixes may be.
std::string to_prometheus_text(const Figures& figures);

}  // namespace aquatic::server
