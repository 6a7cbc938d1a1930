// SPDX-License-Identifier: Apache-2.0
// A datagram socket without a network: tests put datagrams in and take responses out.
//
// Nothing waits and nothing is lost, so a simulation that decides itself what arrives, when and in
// which order has the same history for the same seed. Applies the rules of a real backend to what
// is too long or comes from port 0.
#pragma once
#include <array>
#include <deque>
#include <set>
#include <utility>
#include <vector>

#include "net/datagram_socket.h"

namespace aquatic::test {

struct MemoryDatagram {
  Endpoint peer;  // Where it comes from, or goes to.
  std::vector<std::byte> payload;

  friend bool operator==(const MemoryDatagram&, const MemoryDatagram&) = default;
};

class MemoryDatagramSocket final : public net::DatagramSocket {
 public:
  // Makes a datagram arrive.
  void push(const Endpoint& source, Bytes payload);
  // Responses to `destination` will fail, as to an address without a route.
  void make_unreachable(const Endpoint& destination) { unreachable_.insert(destination); }
  // What was sent since the last call, in order.
  std::vector<MemoryDatagram> take_sent() { return std::exchange(sent_, {}); }
  // Whether everything that arrived was received.
  bool is_empty() const noexcept { return arrived_.empty(); }

  // Returns at once, whatever the timeout.
  std::span<net::Datagram> receive(std::chrono::milliseconds timeout) noexcept override;
  void send(std::span<net::Datagram> batch) noexcept override;
  void flush() noexcept override {}
  const net::DatagramCounters& counters() const noexcept override { return counters_; }
  std::uint32_t kernel_drops() const noexcept override { return 0; }

 private:
  bool take(MemoryDatagram datagram, std::size_t slot);

  std::deque<MemoryDatagram> arrived_;
  std::vector<MemoryDatagram> sent_;
  std::set<Endpoint> unreachable_;
  net::DatagramCounters counters_;
  std::array<std::vector<std::byte>, net::kMaxBatch> requests_;
  std::array<std::array<std::byte, net::kMaxResponseBytes>, net::kMaxBatch> responses_;
  std::array<net::Datagram, net::kMaxBatch> batch_;
};

}  // namespace aquatic::test
