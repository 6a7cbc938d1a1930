// SPDX-License-Identifier: Apache-2.0
// The part of a report that tells of connections: how many there are, Mbit/s (10^6 bits of plain
// text), and what became of them since the last report.
//
// Control plane only.
#pragma once
#include <string>

#include "server/report.h"
#include "server/stream/stream_metrics.h"

namespace aquatic::server {

class StreamStatistics {
 public:
  explicit StreamStatistics(ReportTimer::Time start) noexcept : timer_(start) {}

  // Appends it, with rates since the last call, or since `start`.
  void append(std::string& report, const CounterSums<StreamMetric>& sums, ReportTimer::Time now);

 private:
  ReportTimer timer_;
  CounterSums<StreamMetric> last_sums_;
};

}  // namespace aquatic::server
