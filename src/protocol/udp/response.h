// SPDX-License-Identifier: Apache-2.0
// What a UDP tracker sends to a client (BEP 15), encoded and decoded.
//
//   connect   | action 4 | transaction 4 | connection 8 |
//   announce  | action 4 | transaction 4 | interval 4 | leechers 4 | seeders 4 | peer 6 or 18 | … |
//   scrape    | action 4 | transaction 4 | seeders 4 | completed 4 | leechers 4 | … |
//   error     | action 4 | transaction 4 | text |
//
// Decoded responses borrow from the bytes they were decoded from.
#pragma once
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/expected.h"
#include "protocol/udp/message.h"

namespace aquatic::udp {

inline constexpr std::size_t kConnectResponseBytes = 16;
// Peers follow from here on: who fills them in place saves a copy.
inline constexpr std::size_t kAnnounceResponseHeaderBytes = 20;
inline constexpr std::size_t kScrapeResponseHeaderBytes = 8;
inline constexpr std::size_t kTorrentScrapeBytes = 12;
inline constexpr std::size_t kErrorResponseHeaderBytes = 8;

struct ConnectResponse {
  TransactionId transaction_id = 0;
  ConnectionId connection_id = 0;

  friend bool operator==(const ConnectResponse&, const ConnectResponse&) = default;
};

struct AnnounceResponse {
  TransactionId transaction_id = 0;
  std::uint32_t interval_s = 0;
  std::uint32_t leechers = 0;
  std::uint32_t seeders = 0;
  Bytes peers;  // A multiple of peer_bytes(family).
};

struct TorrentScrape {
  std::uint32_t seeders = 0;
  std::uint32_t completed = 0;
  std::uint32_t leechers = 0;

  friend bool operator==(const TorrentScrape&, const TorrentScrape&) = default;
};

struct ScrapeResponse {
  TransactionId transaction_id = 0;
  Bytes torrents;  // A multiple of kTorrentScrapeBytes.

  std::size_t size() const noexcept { return torrents.size() / kTorrentScrapeBytes; }
  TorrentScrape operator[](std::size_t i) const noexcept;
};

struct ErrorResponse {
  TransactionId transaction_id = 0;
  std::string_view message;
};

using Response = std::variant<ConnectResponse, AnnounceResponse, ScrapeResponse, ErrorResponse>;

// Why a datagram is not a response.
enum class ResponseError : std::uint8_t { too_short, unknown_action, ragged_entries };

// The family of the socket decides how long a peer is.
Expected<Response, ResponseError> decode_response(Bytes datagram, Family family) noexcept;

// Write the response to the front of `out` and return its length. Counts above 2^31 - 1 are
// clamped, since clients read them as signed.
// Requires: `out` has room for it; borrowed bytes are already in their place in `out`, or do not
// overlap it.
std::size_t encode(const ConnectResponse& response, MutableBytes out) noexcept;
std::size_t encode(const AnnounceResponse& response, MutableBytes out) noexcept;
std::size_t encode(const ScrapeResponse& response, MutableBytes out) noexcept;
std::size_t encode(const ErrorResponse& response, MutableBytes out) noexcept;
// One entry of a scrape response, to be filled in place.
void encode(const TorrentScrape& torrent, std::span<std::byte, kTorrentScrapeBytes> out) noexcept;

}  // namespace aquatic::udp
