// SPDX-License-Identifier: Apache-2.0
// Whether the response of a WebTorrent tracker is right for its request.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "base/info_hash.h"
#include "load_test/fault.h"
#include "protocol/ws/response.h"

namespace aquatic::load_test {

// What the response to a request has to be.
struct WsExpectation {
  bool is_scrape = false;
  InfoHash info_hash = {};                  // Of an announce,
  bool is_seeder = false;                   // and as what its peer is counted.
  std::uint32_t max_peers = 0;              // Of all torrents together.
  std::span<const InfoHash> torrents = {};  // Of a scrape: sorted, each once.
};

// The first fault found.
std::optional<Fault> check(const WsExpectation& expected,
                           const ws::AnnounceResponse& response) noexcept;
std::optional<Fault> check(const WsExpectation& expected,
                           const ws::ScrapeResponse& response) noexcept;

}  // namespace aquatic::load_test
