// SPDX-License-Identifier: Apache-2.0
// What reports for people say of the figures of two moments: the workers of each protocol and
// family together, and what happened in a second between.
//
// Control plane only.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "server/status/figures.h"

namespace aquatic::server {

// Of all workers of a protocol, for peers of one IP version.
struct TrafficRates {
  Protocol protocol = Protocol::udp;
  Family family = Family::ipv4;
  double requests = 0;  // A second; so are all of these.
  double responses = 0;
  std::array<double, static_cast<std::size_t>(Action::count)> requests_by_action{};
  std::array<double, static_cast<std::size_t>(Action::count)> responses_by_action{};
  // IP and UDP headers included; 0 where bytes are counted by connections.
  double received_megabits = 0;
  double sent_megabits = 0;
};

// By protocol and family, those that have workers in `now`. Without `before`, since the start.
std::vector<TrafficRates> traffic_rates(const Figures& now, const Figures* before);

// Of the connections of all workers.
struct StreamRates {
  std::uint64_t open = 0;
  double accepted = 0;
  double received_megabits = 0;
  double sent_megabits = 0;
  double handshakes = 0;
  double resumed_handshakes = 0;
};
StreamRates stream_rates(const Figures& now, const Figures* before);

// How people call them.
std::string_view title_of(Protocol protocol) noexcept;
std::string_view title_of(SwarmKind kind) noexcept;

}  // namespace aquatic::server
