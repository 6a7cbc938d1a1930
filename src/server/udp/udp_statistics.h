// SPDX-License-Identifier: Apache-2.0
// The statistics of the UDP tracker as text for people: rates since the last report, and totals.
//
// Control plane only.
#pragma once
#include <array>
#include <span>
#include <string>

#include "server/report.h"
#include "server/udp/udp_metrics.h"

namespace aquatic::server {

class UdpStatistics {
 public:
  using Time = ReportTimer::Time;

  // Rates are counted from `start`.
  explicit UdpStatistics(Time start) : timer_(start) {}

  // Sums the workers' counters and returns the report for the families given: Mbit/s (10^6 bits,
  // IP and UDP headers included), requests and responses a second, torrents and peers.
  std::string report(std::span<const UdpMetrics* const> workers,
                     std::span<const FamilyTotals> families, Time now);

 private:
  ReportTimer timer_;
  std::array<CounterSums<UdpMetric>, 2> last_sums_;  // By family.
};

}  // namespace aquatic::server
