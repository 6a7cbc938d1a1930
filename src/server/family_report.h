// SPDX-License-Identifier: Apache-2.0
// The part of a report that tells what the workers of one protocol count, for each IP version:
// rates since the last report, then torrents and peers.
//
// Control plane only.
#pragma once
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "server/report.h"

namespace aquatic::server {

template <class Metrics, class Metric>
class FamilyReport {
 public:
  // Rates are counted from `start`.
  explicit FamilyReport(ReportTimer::Time start) : timer_(start) {}

  // Sums the workers' counters. append(text, family, sums, rates) writes what the protocol has.
  template <class Append>
  std::string report(std::string_view protocol, std::span<const Metrics* const> workers,
                     std::span<const FamilyTotals> families, ReportTimer::Time now, Append append) {
    const double seconds = timer_.lap(now);
    std::string text;
    for (const auto& [family, totals] : families) {
      CounterSums<Metric> sums;
      for (const Metrics* worker : workers) sums.add(worker->of(family));
      CounterSums<Metric>& last_sums = last_sums_[static_cast<std::size_t>(family)];
      text += fmt::format("{} {}\n", protocol, name_of(family));
      append(text, family, sums, Rates<Metric>(sums, last_sums, seconds));
      append_total(text, "torrents", totals.torrents);
      append_total(text, "peers", totals.peers);
      last_sums = sums;
    }
    return text;
  }

 private:
  ReportTimer timer_;
  std::array<CounterSums<Metric>, 2> last_sums_;  // By family.
};

}  // namespace aquatic::server
