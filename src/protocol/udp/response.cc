// SPDX-License-Identifier: Apache-2.0
#include "protocol/udp/response.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace aquatic::udp {
namespace {

constexpr std::size_t kTransactionId = 4;

std::uint32_t load32(Bytes from, std::size_t offset) noexcept {
  return load_big_endian<std::uint32_t>(from.data() + offset);
}

std::uint32_t clamp_signed(std::uint32_t count) noexcept {
  constexpr std::uint32_t kMax = std::numeric_limits<std::int32_t>::max();
  return std::min(count, kMax);
}

void encode_header(Action action, TransactionId transaction_id, MutableBytes out) noexcept {
  store_big_endian(out.data(), static_cast<std::uint32_t>(action));
  store_big_endian(out.data() + kTransactionId, transaction_id);
}

// Puts `tail` behind the header, unless it was filled in place.
std::size_t append(Bytes tail, MutableBytes out, std::size_t header_bytes) noexcept {
  std::byte* const to = out.data() + header_bytes;
  if (tail.data() != to) std::copy(tail.begin(), tail.end(), to);
  return header_bytes + tail.size();
}

using Decoded = Expected<Response, ResponseError>;

Decoded refuse(ResponseError error) noexcept { return Unexpected<ResponseError>(error); }

Decoded decode_announce(Bytes datagram, Family family) noexcept {
  if (datagram.size() < kAnnounceResponseHeaderBytes) return refuse(ResponseError::too_short);
  const Bytes peers = datagram.subspan(kAnnounceResponseHeaderBytes);
  if (peers.size() % peer_bytes(family) != 0) return refuse(ResponseError::ragged_entries);
  return AnnounceResponse{.transaction_id = load32(datagram, kTransactionId),
                          .interval_s = load32(datagram, 8),
                          .leechers = load32(datagram, 12),
                          .seeders = load32(datagram, 16),
                          .peers = peers};
}

Decoded decode_scrape(Bytes datagram) noexcept {
  const Bytes torrents = datagram.subspan(kScrapeResponseHeaderBytes);
  if (torrents.size() % kTorrentScrapeBytes != 0) return refuse(ResponseError::ragged_entries);
  return ScrapeResponse{.transaction_id = load32(datagram, kTransactionId), .torrents = torrents};
}

}  // namespace

TorrentScrape ScrapeResponse::operator[](std::size_t i) const noexcept {
  const Bytes torrent = torrents.subspan(i * kTorrentScrapeBytes, kTorrentScrapeBytes);
  return {.seeders = load32(torrent, 0),
          .completed = load32(torrent, 4),
          .leechers = load32(torrent, 8)};
}

Expected<Response, ResponseError> decode_response(Bytes datagram, Family family) noexcept {
  if (datagram.size() < kErrorResponseHeaderBytes) return refuse(ResponseError::too_short);
  switch (static_cast<Action>(load32(datagram, 0))) {
    case Action::connect:
      if (datagram.size() < kConnectResponseBytes) return refuse(ResponseError::too_short);
      return ConnectResponse{.transaction_id = load32(datagram, kTransactionId),
                             .connection_id = load_big_endian<std::uint64_t>(datagram.data() + 8)};
    case Action::announce: return decode_announce(datagram, family);
    case Action::scrape: return decode_scrape(datagram);
    case Action::error:
      return ErrorResponse{.transaction_id = load32(datagram, kTransactionId),
                           .message = as_text(datagram.subspan(kErrorResponseHeaderBytes))};
  }
  return refuse(ResponseError::unknown_action);
}

std::size_t encode(const ConnectResponse& response, MutableBytes out) noexcept {
  CHECK(out.size() >= kConnectResponseBytes);
  encode_header(Action::connect, response.transaction_id, out);
  store_big_endian(out.data() + 8, response.connection_id);
  return kConnectResponseBytes;
}

std::size_t encode(const AnnounceResponse& response, MutableBytes out) noexcept {
  CHECK(out.size() >= kAnnounceResponseHeaderBytes + response.peers.size());
  encode_header(Action::announce, response.transaction_id, out);
  store_big_endian(out.data() + 8, response.interval_s);
  store_big_endian(out.data() + 12, clamp_signed(response.leechers));
  store_big_endian(out.data() + 16, clamp_signed(response.seeders));
  return append(response.peers, out, kAnnounceResponseHeaderBytes);
}

std::size_t encode(const ScrapeResponse& response, MutableBytes out) noexcept {
  CHECK(out.size() >= kScrapeResponseHeaderBytes + response.torrents.size());
  encode_header(Action::scrape, response.transaction_id, out);
  return append(response.torrents, out, kScrapeResponseHeaderBytes);
}

std::size_t encode(const ErrorResponse& response, MutableBytes out) noexcept {
  CHECK(out.size() >= kErrorResponseHeaderBytes + response.message.size());
  encode_header(Action::error, response.transaction_id, out);
  return append(as_bytes(response.message), out, kErrorResponseHeaderBytes);
}

void encode(const TorrentScrape& torrent, std::span<std::byte, kTorrentScrapeBytes> out) noexcept {
  store_big_endian(out.data(), clamp_signed(torrent.seeders));
  store_big_endian(out.data() + 4, clamp_signed(torrent.completed));
  store_big_endian(out.data() + 8, clamp_signed(torrent.leechers));
}

}  // namespace aquatic::udp
