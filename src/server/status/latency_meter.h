// SPDX-License-Identifier: Apache-2.0
// How long a worker's responses take, by what they are to. A worker handles many requests at once,
// so all responses that a piece of work has made took as long as it.
//
// Written by its worker, read by any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "metrics/latency_histogram.h"
#include "server/status/figures.h"

namespace aquatic::server {

// Whether workers look at a clock before and after their work.
enum class Timing : std::uint8_t { off, on };

class LatencyMeter {
 public:
  // A piece of work took `ns`; `before` and `after` are the counts of responses at its ends.
  void record(const ActionCounts& before, const ActionCounts& after, std::uint64_t ns) noexcept {
    for (std::size_t i = 0; i < recorders_.size(); ++i) {
      if (after[i] != before[i]) recorders_[i].record(ns, after[i] - before[i]);
    }
  }

  void add_to(Action action, metrics::LatencyCounts& counts) const noexcept {
    recorders_[static_cast<std::size_t>(action)].add_to(counts);
  }

 private:
  std::array<metrics::LatencyRecorder, static_cast<std::size_t>(Action::count)> recorders_;
};

// Adds up the meters of all workers. `meter_of` says where a worker has its own.
template <class Workers, class MeterOf>
void collect_latencies(Protocol protocol, const Workers& workers, MeterOf meter_of,
                       Figures& figures) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count); ++i) {
    LatencyFigures latency{.protocol = protocol, .action = static_cast<Action>(i), .latency = {}};
    for (const auto& worker : workers) meter_of(worker).add_to(latency.action, latency.latency);
    if (latency.latency.total() > 0) figures.latencies.push_back(latency);
  }
}

}  // namespace aquatic::server
