// SPDX-License-Identifier: Apache-2.0
// Time as the tracker knows it: whole seconds since the process began.
//
// Codecs, handlers and the swarm never read a clock: `now` is an argument, so that a test can
// play hours in a moment. Workers read theirs once a batch.
#pragma once
#include <chrono>
#include <cstdint>

namespace aquatic {

// A moment or a length of time. 32 bits last for 136 years of uptime.
using Seconds = std::uint32_t;

// A source of `now` that never goes backwards. Implementations may be read from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Seconds now() const noexcept = 0;
};

// The monotonic clock of the machine, counted from the construction of this object.
class SteadyClock final : public Clock {
 public:
  SteadyClock() noexcept;
  Seconds now() const noexcept override;

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace aquatic
