// SPDX-License-Identifier: Apache-2.0
// Whether the peers that an announce is answered with are right, whatever the protocol.
#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "load_test/fault.h"

namespace aquatic::load_test {

// What the response to an announce has to be.
struct AnnounceExpectation {
  Endpoint self = {};                    // Whose announce, as the tracker sees him.
  std::int32_t peers_wanted = 0;         // Zero or less leaves it to the tracker.
  std::uint32_t max_response_peers = 0;  // The tracker's cap; 0 is unknown.
};

struct AnnouncedPeers {
  std::uint32_t seeders = 0;
  std::uint32_t leechers = 0;
  Bytes peers = {};  // Address and port of each, of the family of whoever asked.
};

enum class Depth : std::uint8_t {
  quick,     // What takes a few nanoseconds a peer.
  thorough,  // Compares every peer with every other, too.
};
// Comparing all peers of a response with each other costs as much as everything else: for one
// response in so many.
inline constexpr std::uint64_t kThoroughCheckEvery = 64;

// The first fault found.
std::optional<Fault> check(const AnnounceExpectation& expected, const AnnouncedPeers& announced,
                           Depth depth) noexcept;

}  // namespace aquatic::load_test
