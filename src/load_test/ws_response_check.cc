// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_response_check.h"

#include <algorithm>

namespace aquatic::load_test {
namespace {

bool has_possible_counts(std::uint32_t complete, std::uint32_t incomplete,
                         std::uint32_t max_peers) noexcept {
  return std::uint64_t{complete} + incomplete <= max_peers;
}

}  // namespace

// Who announces is counted himself, as is usual in WebTorrent.
std::optional<Fault> check(const WsExpectation& expected,
                           const ws::AnnounceResponse& response) noexcept {
  if (expected.is_scrape) return Fault::wrong_action;
  if (response.info_hash != expected.info_hash) return Fault::wrong_torrent;
  if (response.interval_s == 0) return Fault::missing_keys;
  const std::uint32_t alike = expected.is_seeder ? response.complete : response.incomplete;
  if (alike == 0 ||
      !has_possible_counts(response.complete, response.incomplete, expected.max_peers)) {
    return Fault::impossible_counts;
  }
  return std::nullopt;
}

// Trackers may have their own order, and say nothing of torrents that have no peers.
std::optional<Fault> check(const WsExpectation& expected,
                           const ws::ScrapeResponse& response) noexcept {
  if (!expected.is_scrape) return Fault::wrong_action;
  if (response.torrents.size() > expected.torrents.size()) return Fault::wrong_scrape_entries;
  for (const ws::ScrapedTorrent& torrent : response.torrents) {
    if (!std::ranges::binary_search(expected.torrents, torrent.info_hash)) {
      return Fault::wrong_scrape_entries;
    }
    if (!has_possible_counts(torrent.complete, torrent.incomplete, expected.max_peers)) {
      return Fault::impossible_counts;
    }
  }
  return std::nullopt;
}

}  // namespace aquatic::load_test
