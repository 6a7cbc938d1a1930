// SPDX-License-Identifier: Apache-2.0
// What the reports of all trackers are made of: counters as rates since the last report, and lines
// of names and figures.
//
// Control plane only.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "metrics/counters.h"
#include "swarm/swarm.h"

namespace aquatic::server {

// The counters of all workers together.
template <class Metric>
class CounterSums {
 public:
  void add(const metrics::Counters<Metric>& counters) noexcept {
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += counters.get(static_cast<Metric>(i));
  }
  std::uint64_t of(Metric metric) const noexcept { return sums_[static_cast<std::size_t>(metric)]; }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Metric::count)> sums_{};
};

// What was counted in a second, between two reports.
template <class Metric>
class Rates {
 public:
  Rates(const CounterSums<Metric>& now, const CounterSums<Metric>& before, double seconds) noexcept
      : now_(now), before_(before), seconds_(seconds) {}

  double of(Metric metric) const noexcept {
    return static_cast<double>(now_.of(metric) - before_.of(metric)) / seconds_;
  }

 private:
  const CounterSums<Metric>& now_;
  const CounterSums<Metric>& before_;
  double seconds_;
};

// The peers and torrents of one family, for a report.
struct FamilyTotals {
  Family family;
  swarm::Totals totals;
};

// The time between reports.
class ReportTimer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ReportTimer(Time start) noexcept : last_(start) {}
  // Seconds since the last call, or since the start; never 0, as rates are divided by it.
  double lap(Time now) noexcept;

 private:
  Time last_;
};

inline constexpr double kBitsPerMegabit = 1e6;

// "  requests/s                   17.00"
void append_rate(std::string& report, int indent, std::string_view name, double rate);
// "  torrents                     17"
void append_total(std::string& report, std::string_view name, std::uint64_t total);
std::string_view name_of(Family family) noexcept;

}  // namespace aquatic::server
