// SPDX-License-Identifier: Apache-2.0
// The statistics of the WebTorrent tracker as text for people: rates since the last report, and
// totals.
//
// Control plane only.
#pragma once
#include <span>
#include <string>

#include "server/family_report.h"
#include "server/report.h"
#include "server/ws/ws_metrics.h"

namespace aquatic::server {

class WsStatistics {
 public:
  using Time = ReportTimer::Time;

  // Rates are counted from `start`.
  explicit WsStatistics(Time start) : families_(start) {}

  // Sums the workers' counters and returns the report: for the families given, messages a second,
  // torrents and peers.
  std::string report(std::span<const WsMetrics* const> workers,
                     std::span<const FamilyTotals> families, Time now);

 private:
  FamilyReport<WsMetrics, WsMetric> families_;
};

}  // namespace aquatic::server
