// SPDX-License-Identifier: Apache-2.0
// A well-behaved peer of a UDP tracker: connects, announces, now and then scrapes, completes,
// leaves and comes back, and tries again as BEP 15 says when nothing is heard.
#pragma once
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "protocol/udp/request.h"
#include "protocol/udp/response.h"
#include "tests/simulation/simulated_network.h"

namespace aquatic::simulation {

class SimulatedPeer {
 public:
  SimulatedPeer(const Endpoint& self, const InfoHash& torrent, Seconds interval_s,
                std::uint64_t seed);

  // When it wants to act next.
  Milliseconds wakes_at() const { return wakes_at_; }
  // What it sends at `now`, its time to act.
  std::vector<std::byte> act(Milliseconds now);
  void receive(Bytes response, Milliseconds now);

  const Endpoint& self() const { return self_; }
  std::uint64_t announces_sent() const { return announces_sent_; }
  std::uint64_t announces_given_up() const { return announces_given_up_; }

 private:
  std::vector<std::byte> encode_announce();
  std::vector<std::byte> encode_scrape();
  void choose_next_event();
  // A length of time up to one announce interval.
  Milliseconds part_of_interval();

  Endpoint self_;
  InfoHash torrent_;
  Seconds interval_s_;
  Random random_;
  Milliseconds wakes_at_;
  Milliseconds id_given_at_ = 0;
  std::optional<udp::ConnectionId> id_;
  std::optional<udp::TransactionId> awaited_;
  unsigned tries_ = 0;
  udp::Event event_ = udp::Event::started;
  bool seeds_ = false;
  std::uint64_t announces_sent_ = 0;
  std::uint64_t announces_given_up_ = 0;
};

}  // namespace aquatic::simulation
