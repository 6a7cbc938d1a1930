// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_full_scrape.h"

#include <array>
#include <span>

#include "base/check.h"
#include "protocol/http/response.h"
#include "protocol/http/response_head.h"

namespace aquatic::server {
namespace {

// Makes pieces of at most some 40 kB: below what a connection may have outstanding by default, and
// a lock is held for no more torrents than this.
constexpr std::size_t kTorrentsPerPiece = 512;

// The memo:  63 active | 62 IPv6 | 61 chunked | 60 stays | 59 begun | 32..55 shard | 0..31 position
constexpr std::uint64_t kIsActive = std::uint64_t{1} << 63;
constexpr std::uint64_t kIsIpv6 = std::uint64_t{1} << 62;
constexpr std::uint64_t kIsChunked = std::uint64_t{1} << 61;
constexpr std::uint64_t kKeepsAlive = std::uint64_t{1} << 60;
constexpr std::uint64_t kHasBegun = std::uint64_t{1} << 59;
constexpr unsigned kShardShift = 32;
constexpr std::uint32_t kMaxShard = (std::uint32_t{1} << 24) - 1;

}  // namespace

std::uint64_t HttpFullScrape::to_memo() const noexcept {
  CHECK(cursor_.shard <= kMaxShard);
  return kIsActive | (family_ == Family::ipv6 ? kIsIpv6 : 0) | (is_chunked_ ? kIsChunked : 0) |
         (keeps_alive_ ? kKeepsAlive : 0) | (has_begun_ ? kHasBegun : 0) |
         std::uint64_t{cursor_.shard} << kShardShift | cursor_.position;
}

bool HttpFullScrape::is_memo(std::uint64_t memo) noexcept { return (memo & kIsActive) != 0; }

HttpFullScrape HttpFullScrape::from_memo(std::uint64_t memo) noexcept {
  DCHECK(is_memo(memo));
  HttpFullScrape scrape((memo & kIsIpv6) != 0 ? Family::ipv6 : Family::ipv4,
                        (memo & kIsChunked) != 0, (memo & kKeepsAlive) != 0);
  scrape.has_begun_ = (memo & kHasBegun) != 0;
  scrape.cursor_.shard = static_cast<std::uint32_t>(memo >> kShardShift) & kMaxShard;
  scrape.cursor_.position = static_cast<std::uint32_t>(memo);
  return scrape;
}

bool HttpFullScrape::append_piece(const swarm::Swarm& swarm,
                                  const access_list::AccessList& access_list,
                                  ByteBuffer& out) noexcept {
  const std::size_t begin = out.size();
  if (!has_begun_) http::begin_scrape_response(out);
  has_begun_ = true;
  std::array<swarm::TorrentCounts, kTorrentsPerPiece> torrents;
  const std::size_t count = swarm.scrape_some(family_, cursor_, torrents);
  for (const auto& [info_hash, counts] : std::span(torrents).first(count)) {
    if (!access_list.allows(info_hash)) continue;
    http::append_scraped_torrent({.info_hash = info_hash,
                                  .complete = counts.seeders,
                                  .incomplete = counts.leechers,
                                  .downloaded = counts.downloads},
                                 out);
  }
  if (count == 0) http::end_scrape_response(out);
  if (is_chunked_) http::end_chunk(out, begin);
  if (is_chunked_ && count == 0) http::end_chunked_body(out);
  return count > 0;
}

}  // namespace aquatic::server
