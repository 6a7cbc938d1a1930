// SPDX-License-Identifier: Apache-2.0
#include "swarm/peer_clock.h"

namespace aquatic::swarm {
namespace {

constexpr std::uint32_t divide_rounding_up(std::uint64_t a, std::uint64_t b) noexcept {
  return static_cast<std::uint32_t>((a + b - 1) / b);
}

}  // namespace

PeerClock::PeerClock(Seconds max_peer_age_s, Seconds expire_interval_s) noexcept
    : tick_s_(
          divide_rounding_up(std::uint64_t{max_peer_age_s} + expire_interval_s + 1, kMaxStayTicks)),
      max_age_(static_cast<Tick>(divide_rounding_up(max_peer_age_s, tick_s_))) {}

}  // namespace aquatic::swarm
