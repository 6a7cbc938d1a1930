// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_full_scrape.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/check.h"
#include "protocol/decimal.h"
#include "protocol/http/response.h"
#include "protocol/http/response_head.h"
#include "protocol/http/target.h"

namespace aquatic::server {
namespace {

// Pieces of some 40 kB at most, and no more torrents than a lock is held for.
constexpr std::size_t kTorrentsPerPiece = 512;

// The bits:  58 chunked | 57 stays | 56 begun | 55 IPv6 | 53..54 form | 32..52 shard | 0..31
// position
constexpr std::uint64_t kIsChunked = std::uint64_t{1} << 58;
constexpr std::uint64_t kKeepsAlive = std::uint64_t{1} << 57;
constexpr std::uint64_t kHasBegun = std::uint64_t{1} << 56;
constexpr std::uint64_t kIsIpv6 = std::uint64_t{1} << 55;
constexpr unsigned kFormShift = 53;
constexpr unsigned kShardShift = 32;
constexpr std::uint32_t kMaxShard = (std::uint32_t{1} << (kFormShift - kShardShift)) - 1;

constexpr std::array<std::string_view, 4> kFormNames = {"ben", "txt", "bin", "url"};

// Counts of the torrent in both families. Those of IPv6 that are also in IPv4 have been given
// already: nothing.
std::optional<swarm::TorrentCounts> joined(const swarm::Swarm& swarm, Family family,
                                           swarm::TorrentCounts torrent) noexcept {
  const Family other_family = family == Family::ipv4 ? Family::ipv6 : Family::ipv4;
  const swarm::Counts other = swarm.scrape(swarm.locate(other_family, torrent.info_hash));
  if (family == Family::ipv6 && other != swarm::Counts()) return std::nullopt;
  torrent.counts.seeders += other.seeders;
  torrent.counts.leechers += other.leechers;
  torrent.counts.downloads += other.downloads;
  return torrent;
}

void append_hex(const InfoHash& info_hash, ByteBuffer& out) noexcept {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<char, 2 * InfoHash::kBytes> digits;
  for (std::size_t i = 0; i < InfoHash::kBytes; ++i) {
    const auto byte = std::to_integer<std::size_t>(info_hash.bytes[i]);
    digits[2 * i] = kDigits[byte >> 4];
    digits[2 * i + 1] = kDigits[byte & 15];
  }
  out.append(std::string_view(digits.data(), digits.size()));
}

void append_counts(const swarm::Counts& counts, ByteBuffer& out) noexcept {
  out.append(":");
  append_decimal(counts.seeders, out);
  out.append(":");
  append_decimal(counts.leechers, out);
  out.append("\n");
}

}  // namespace

std::optional<StatusFullScrape::Form> StatusFullScrape::form_of(std::string_view name) noexcept {
  const auto found = std::ranges::find(kFormNames, name);
  if (found == kFormNames.end()) return std::nullopt;
  return static_cast<Form>(found - kFormNames.begin());
}

std::uint64_t StatusFullScrape::to_bits() const noexcept {
  CHECK(cursor_.shard <= kMaxShard);
  return (is_chunked_ ? kIsChunked : 0) | (keeps_alive_ ? kKeepsAlive : 0) |
         (has_begun_ ? kHasBegun : 0) | (family_ == Family::ipv6 ? kIsIpv6 : 0) |
         static_cast<std::uint64_t>(form_) << kFormShift |
         std::uint64_t{cursor_.shard} << kShardShift | cursor_.position;
}

StatusFullScrape StatusFullScrape::from_bits(std::uint64_t bits) noexcept {
  StatusFullScrape scrape(static_cast<Form>(bits >> kFormShift & 3), (bits & kIsChunked) != 0,
                          (bits & kKeepsAlive) != 0);
  scrape.has_begun_ = (bits & kHasBegun) != 0;
  scrape.family_ = (bits & kIsIpv6) != 0 ? Family::ipv6 : Family::ipv4;
  scrape.cursor_.shard = static_cast<std::uint32_t>(bits >> kShardShift) & kMaxShard;
  scrape.cursor_.position = static_cast<std::uint32_t>(bits);
  return scrape;
}

bool StatusFullScrape::append_piece(const swarm::Swarm& swarm,
                                    const access_list::AccessList& access_list,
                                    ByteBuffer& out) noexcept {
  const std::size_t begin = out.size();
  if (!has_begun_ && form_ == Form::bencode) http::begin_scrape_response(out);
  has_begun_ = true;
  std::array<swarm::TorrentCounts, kTorrentsPerPiece> torrents;
  const std::size_t count = swarm.scrape_some(family_, cursor_, torrents);
  for (const swarm::TorrentCounts& torrent : std::span(torrents).first(count)) {
    if (!access_list.allows(torrent.info_hash)) continue;
    const auto both = joined(swarm, family_, torrent);
    if (both) append(*both, out);
  }
  const bool is_end = count == 0 && family_ == Family::ipv6;
  if (count == 0 && family_ == Family::ipv4) {
    family_ = Family::ipv6;
    cursor_ = {};
  }
  if (is_end && form_ == Form::bencode) http::end_scrape_response(out);
  if (is_chunked_) http::end_chunk(out, begin);
  if (is_chunked_ && is_end) http::end_chunked_body(out);
  return !is_end;
}

void StatusFullScrape::append(const swarm::TorrentCounts& torrent, ByteBuffer& out) const noexcept {
  const auto& [info_hash, counts] = torrent;
  switch (form_) {
    case Form::bencode:
      return http::append_scraped_torrent({.info_hash = info_hash,
                                           .complete = counts.seeders,
                                           .incomplete = counts.leechers,
                                           .downloaded = counts.downloads},
                                          out);
    case Form::text: append_hex(info_hash, out); return append_counts(counts, out);
    case Form::url: http::percent_encode(info_hash.bytes, out); return append_counts(counts, out);
    case Form::binary: {
      std::array<std::byte, 2 * sizeof(std::uint32_t)> both;
      store_big_endian(both.data(), counts.seeders);
      store_big_endian(both.data() + sizeof(std::uint32_t), counts.leechers);
      out.append(info_hash.bytes);
      return out.append(both);
    }
  }
}

}  // namespace aquatic::server
