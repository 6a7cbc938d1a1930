// SPDX-License-Identifier: Apache-2.0
// What a load test did between two moments, and what kept it from doing more.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "load_test/cpu_use.h"
#include "load_test/load_tally.h"

namespace aquatic::load_test {

// Memory that the tracker has resident, if it is known, and what for.
struct ConnectionMemory {
  std::uint64_t bytes = 0;
  std::uint64_t bytes_before = 0;  // Before the first connection.
  std::uint64_t connections = 0;   // That are open; 0 where they are not counted.

  // With what the peers behind them take.
  std::optional<double> bytes_per_connection() const noexcept;
};

// Everything that is known at one moment, counted from the start.
struct LoadSample {
  std::uint64_t at_ns = 0;
  LoadCounts counts;
  ThreadTimes generator;
  std::optional<ThreadTimes> tracker;  // If it is on this machine and its process id is known.
  std::uint64_t generator_drops = 0;   // Of the kernel, on our sockets.
  std::uint64_t tracker_drops = 0;     // Likewise on its.
  ConnectionMemory memory;
};

struct LoadWindow {
  double seconds = 0;
  LoadCounts counts;
  CpuUse generator;
  std::optional<CpuUse> tracker;
  std::uint64_t generator_drops = 0;
  std::uint64_t tracker_drops = 0;
  ConnectionMemory memory;  // At its end.

  double per_second(std::uint64_t count) const noexcept;
  // Of the requests whose fate is known.
  double lost_share() const noexcept;
  // Right and wrong ones together: they cost the tracker the same.
  std::uint64_t answers() const noexcept { return counts.responses() + counts.wrong_responses(); }
  // Of the offers that should have been relayed, those that were not, but for what is on its way.
  std::uint64_t missing_offers() const noexcept;
  // CPU time of the tracker, in nanoseconds, for each answer.
  std::optional<double> tracker_ns_per_response() const noexcept;
};

// Requires: `later` was taken after `earlier` of the same load test.
LoadWindow between(const LoadSample& earlier, const LoadSample& later);

enum class Limit : std::uint8_t {
  tracker,      // It was busy all the time, lost requests, or is not on this machine and slower.
  generator,    // A worker of ours was busy all the time, the tracker's threads were not.
  rate,         // The tracker kept up with what was asked.
  outstanding,  // Both waited: more requests outstanding would mean more responses.
  no_responses,
};

// Words for reports: "tracker-bound".
std::string_view name_of(Limit limit) noexcept;

// What limited the responses a second. Requires: `rate` is that of the config.
Limit limit_of(const LoadWindow& window, std::uint64_t rate) noexcept;

}  // namespace aquatic::load_test
