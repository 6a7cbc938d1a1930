// SPDX-License-Identifier: Apache-2.0
// The statistics of the UDP tracker as text for people: rates since the last report, and totals.
//
// Control plane only.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "server/udp_metrics.h"
#include "swarm/swarm.h"

namespace aquatic::server {

class UdpStatistics {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Rates are counted from `start`.
  explicit UdpStatistics(Time start) : last_report_(start) {}

  struct Family {
    aquatic::Family family;
    swarm::Totals totals;
  };

  // Sums the workers' counters and returns the report for the families given: Mbit/s (10^6 bits,
  // IP and UDP headers included), requests and responses a second, torrents and peers.
  std::string report(std::span<const UdpMetrics* const> workers, std::span<const Family> families,
                     std::size_t access_list_entries, Time now);

 private:
  using Sums = std::array<std::uint64_t, static_cast<std::size_t>(UdpMetric::count)>;

  Time last_report_;
  std::array<Sums, 2> last_sums_{};  // By family.
};

}  // namespace aquatic::server
