// SPDX-License-Identifier: Apache-2.0
// The statistics of the WebTorrent tracker as text for people: rates since the last report, and
// totals.
//
// Control plane only.
#pragma once
#include <array>
#include <span>
#include <string>

#include "server/report.h"
#include "server/ws/ws_metrics.h"

namespace aquatic::server {

class WsStatistics {
 public:
  using Time = ReportTimer::Time;

  // Rates are counted from `start`.
  explicit WsStatistics(Time start) : timer_(start) {}

  // Sums the workers' counters and returns the report: for the families given, messages a second,
  // torrents and peers.
  std::string report(std::span<const WsMetrics* const> workers,
                     std::span<const FamilyTotals> families, Time now);

 private:
  ReportTimer timer_;
  std::array<CounterSums<WsMetric>, 2> last_sums_;  // By family.
};

}  // namespace aquatic::server
