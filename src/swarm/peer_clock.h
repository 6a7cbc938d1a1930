// SPDX-License-Identifier: Apache-2.0
// The time that is stored with a peer, in 16 bits.
//
// A tick is as many whole seconds as it takes for the longest stay of a peer to fit well into the
// range: one, unless that is more than four and a half hours. Ticks wrap around; an age is a
// difference.
#pragma once
#include <cstdint>

#include "base/clock.h"

namespace aquatic::swarm {

using Tick = std::uint16_t;

// Tells which peers have been silent for too long, at one moment.
class AgeLimit {
 public:
  AgeLimit(Tick now, Tick max_age) noexcept
      : newest_(static_cast<Tick>(now + kAhead)), max_age_(static_cast<Tick>(max_age + kAhead)) {}

  bool is_over(Tick last_seen) const noexcept {
    return static_cast<Tick>(newest_ - last_seen) > max_age_;
  }

 private:
  // Workers read the clock more often than whoever expires: a peer may be from the future by as
  // long as one pass of expiry takes. A quarter of an hour of it is still recognised as such.
  static constexpr Tick kAhead = 1 << 10;

  Tick newest_;
  Tick max_age_;
};

class PeerClock {
 public:
  // No peer should stay for more ticks than this. The rest of the 16 bits is for expiry that comes
  // late: at one second a tick by thirteen hours, after which an old peer looks young once more.
  static constexpr Tick kMaxStayTicks = 1 << 14;

  // A peer may stay for max_peer_age_s and until it is looked at next.
  PeerClock(Seconds max_peer_age_s, Seconds expire_interval_s) noexcept;

  Tick tick(Seconds now) const noexcept { return static_cast<Tick>(now / tick_s_); }
  // A peer that announced max_peer_age_s ago is kept, one second more and he is dropped. Where a
  // tick is longer than a second he may stay for two ticks more, never for less.
  AgeLimit limit_at(Seconds now) const noexcept { return {tick(now), max_age_}; }

 private:
  Seconds tick_s_;
  Tick max_age_;
};

}  // namespace aquatic::swarm
