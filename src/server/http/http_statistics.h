// SPDX-License-Identifier: Apache-2.0
// The statistics of the HTTP tracker as text for people: rates since the last report, and totals.
//
// Control plane only.
#pragma once
#include <span>
#include <string>

#include "server/family_report.h"
#include "server/http/http_metrics.h"
#include "server/report.h"

namespace aquatic::server {

class HttpStatistics {
 public:
  using Time = ReportTimer::Time;

  // Rates are counted from `start`.
  explicit HttpStatistics(Time start) : families_(start) {}

  // Sums the workers' counters and returns the report: for the families given, requests and
  // responses a second, torrents and peers.
  std::string report(std::span<const HttpMetrics* const> workers,
                     std::span<const FamilyTotals> families, Time now);

 private:
  FamilyReport<HttpMetrics, HttpMetric> families_;
};

}  // namespace aquatic::server
