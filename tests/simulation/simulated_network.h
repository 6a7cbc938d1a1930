// SPDX-License-Identifier: Apache-2.0
// A network in memory that loses, doubles, delays and thereby reorders datagrams, and lets anybody
// forge his source address. Time is in milliseconds and moves only when told to. One seed, one
// history.
#pragma once
#include <array>
#include <cstdint>
#include <queue>
#include <vector>

#include "base/endpoint.h"
#include "base/random.h"
#include "net/datagram_socket.h"

namespace aquatic::simulation {

using Milliseconds = std::uint64_t;

struct Faults {
  unsigned loss_percent = 0;
  unsigned duplication_percent = 0;
  Milliseconds least_delay_ms = 1;
  Milliseconds greatest_delay_ms = 1;
};

struct Delivery {
  Milliseconds at = 0;
  std::uint64_t order = 0;  // Ties are delivered as they were sent.
  Endpoint source;
  Endpoint destination;
  std::vector<std::byte> payload;

  friend bool operator>(const Delivery& a, const Delivery& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
};

class SimulatedNetwork {
 public:
  SimulatedNetwork(const Faults& faults, std::uint64_t seed) : faults_(faults), random_(seed) {}

  void send(const Endpoint& source, const Endpoint& destination, Bytes payload, Milliseconds now);

  // Takes the earliest datagram that arrives at or before `now`; false if there is none.
  bool take(Milliseconds now, Delivery& delivery);

 private:
  Faults faults_;
  Random random_;
  std::uint64_t sent_ = 0;
  std::priority_queue<Delivery, std::vector<Delivery>, std::greater<>> in_flight_;
};

// The tracker's end: collects what arrives for it, hands it out in batches of random size and
// puts the responses back on the network.
class SimulatedSocket final : public net::DatagramSocket {
 public:
  SimulatedSocket(SimulatedNetwork& network, const Endpoint& local, std::uint64_t seed);

  void deliver(Delivery&& delivery);
  void set_time(Milliseconds now) { now_ = now; }

  std::span<net::Datagram> receive(std::chrono::milliseconds) noexcept override;
  void send(std::span<net::Datagram> batch) noexcept override;
  void flush() noexcept override {}
  std::uint32_t kernel_drops() const noexcept override { return 0; }
  const net::DatagramCounters& counters() const noexcept override { return counters_; }

 private:
  SimulatedNetwork& network_;
  Endpoint local_;
  Random random_;
  Milliseconds now_ = 0;
  std::queue<Delivery> arrived_;
  std::vector<Delivery> at_hand_;  // Behind the batch that was handed out.
  std::array<net::Datagram, net::kMaxBatch> batch_;
  std::array<std::array<std::byte, net::kMaxResponseBytes>, net::kMaxBatch> rooms_;
  net::DatagramCounters counters_;
};

}  // namespace aquatic::simulation
