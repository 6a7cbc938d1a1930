// SPDX-License-Identifier: Apache-2.0
// What the tracker tells of itself, ready to be sent: made by the control loop once a second,
// served by workers. How many there are, never which; except for the largest torrents, and those
// only where the operator says so.
//
// Never changed once it is in a Snapshot.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/status/history.h"

namespace aquatic::server {

// What opentracker answers at /stats?mode=…
enum class OpentrackerMode : std::uint8_t {
  peer,
  conn,
  torr,
  udp4,
  tcp4,
  scrp,
  completed,
  version,
  everything,
  top10,
  top100,
  count
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(OpentrackerMode::count)>
    kOpentrackerModeNames = {"peer",      "conn",    "torr",       "udp4",  "tcp4",  "scrp",
                             "completed", "version", "everything", "top10", "top100"};
// By mode; an empty text is for what the operator does not allow, or what is not known.
using OpentrackerTexts = std::array<std::string, static_cast<std::size_t>(OpentrackerMode::count)>;

struct StatusPages {
  std::string json = {};     // More than what bittorrent-tracker has, in its shape.
  std::string metrics = {};  // For Prometheus; empty where there are none.
  std::string event = {};    // For /stats/events, whole.
  OpentrackerTexts opentracker = {};
  bool names_torrents = false;  // Whoever asks for all of them gets them.
  // By HistoryRange. Shared, as most of them change less often than the rest. Null is empty.
  std::array<std::shared_ptr<const std::string>, static_cast<std::size_t>(HistoryRange::count)>
      history = {};
};

}  // namespace aquatic::server
