// SPDX-License-Identifier: Apache-2.0
// How a worker is to treat WebTorrent peers: its settings, in its own words.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "protocol/ws/message_reader.h"
#include "protocol/ws/request.h"

namespace aquatic::server {

struct WsHandlerOptions {
  ws::MessageLimits messages = {};
  ws::RequestLimits requests = {};
  std::size_t max_output_bytes = 64 * 1024;  // Unsent.
  std::size_t max_torrents_per_connection = 1000;
  std::uint32_t max_bad_messages = 100;  // Of one connection; 0 is no limit.
  Seconds max_connection_idle_s = 180;   // Without a request.

  std::vector<std::string> allowed_origins = {};  // None is all of them.
  std::vector<std::string> denied_origins = {};

  std::uint32_t announce_interval_s = 120;
  std::uint32_t min_announce_interval_s = 60;
  bool joins_families = false;
  bool allows_full_scrape = false;
};

}  // namespace aquatic::server
