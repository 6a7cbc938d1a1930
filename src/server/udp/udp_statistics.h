// SPDX-License-Identifier: Apache-2.0
// The statistics of the UDP tracker as text for people: rates since the last report, and totals.
//
// Control plane only.
#pragma once
#include <span>
#include <string>

#include "server/family_report.h"
#include "server/report.h"
#include "server/udp/udp_metrics.h"

namespace aquatic::server {

class UdpStatistics {
 public:
  using Time = ReportTimer::Time;

  // Rates are counted from `start`.
  explicit UdpStatistics(Time start) : families_(start) {}

  // Sums the workers' counters and returns the report for the families given: Mbit/s (10^6 bits,
  // IP and UDP headers included), requests and responses a second, torrents and peers.
  std::string report(std::span<const UdpMetrics* const> workers,
                     std::span<const FamilyTotals> families, Time now);

 private:
  FamilyReport<UdpMetrics, UdpMetric> families_;
};

}  // namespace aquatic::server
