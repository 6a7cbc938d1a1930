// SPDX-License-Identifier: Apache-2.0
// Whether a response is right for its request: what a tracker that is fast but wrong gets caught
// by.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/endpoint.h"
#include "protocol/udp/response.h"

namespace aquatic::load_test {

enum class Fault : std::uint8_t {
  malformed,             // Not a response, or entries of the wrong length for the family.
  unknown_transaction,   // A transaction id that was never sent.
  wrong_socket,          // The response to a request of another socket.
  wrong_action,          // The response to another kind of request.
  own_peer,              // The announcing peer is told of himself.
  too_many_peers,        // More peers than wanted, or than the tracker's cap.
  missing_peers,         // Fewer peers than wanted although it says that there are more.
  uncounted_peers,       // More peers than it says there are.
  repeated_peer,         // The same peer twice.
  impossible_peer,       // Port 0, or no address.
  wrong_scrape_entries,  // More or fewer than info hashes.
  count,
};

// The name that reports use.
std::string_view name_of(Fault fault) noexcept;

// What the response to a request has to be.
struct Expectation {
  udp::Action action = udp::Action::connect;
  Endpoint self;                         // Of an announce: whose, as the tracker sees him.
  std::int32_t peers_wanted = 0;         // Zero or less leaves it to the tracker.
  std::uint32_t max_response_peers = 0;  // The tracker's cap; 0 is unknown.
  std::size_t torrents = 0;              // Of a scrape.
};

enum class Depth : std::uint8_t {
  quick,     // What takes a few nanoseconds a peer.
  thorough,  // Compares every peer with every other, too.
};

// The first fault found. An error response is none: the tracker may refuse.
std::optional<Fault> check(const Expectation& expected, const udp::Response& response,
                           Depth depth) noexcept;

}  // namespace aquatic::load_test
