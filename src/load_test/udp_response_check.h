// SPDX-License-Identifier: Apache-2.0
// Whether a UDP response is right for its request.
#pragma once
#include <cstddef>
#include <optional>

#include "load_test/announce_check.h"
#include "protocol/udp/response.h"

namespace aquatic::load_test {

// What the response to a request has to be.
struct UdpExpectation {
  udp::Action action = udp::Action::connect;
  AnnounceExpectation announce = {};  // Of an announce.
  std::size_t torrents = 0;           // Of a scrape.
};

// The first fault found. An error response is none: the tracker may refuse.
std::optional<Fault> check(const UdpExpectation& expected, const udp::Response& response,
                           Depth depth) noexcept;

}  // namespace aquatic::load_test
