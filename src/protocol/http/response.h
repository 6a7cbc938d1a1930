// SPDX-License-Identifier: Apache-2.0
// What an HTTP tracker answers (BEP 3, 7, 23, 24, 31, 48): bencoded bodies, encoded and decoded.
//
// Decoded responses borrow from the bytes they were decoded from.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/expected.h"
#include "base/info_hash.h"
#include "protocol/bencode.h"

namespace aquatic::http {

struct AnnounceResponse {
  std::uint32_t interval_s = 0;
  std::uint32_t min_interval_s = 0;
  std::uint32_t complete = 0;    // Seeders.
  std::uint32_t incomplete = 0;  // Leechers.
  std::uint32_t downloaded = 0;  // Completed downloads.
  // Compact: address and port of each, 6 or 18 bytes. A family that is not asked for is absent.
  std::optional<Bytes> peers = {};            // IPv4
  std::optional<Bytes> peers6 = {};           // IPv6
  std::optional<IpAddress> external_ip = {};  // BEP 24.
  // BEP 3's original form, a list of dictionaries with `ip` and `port`, instead of the compact one.
  bool is_compact = true;
  // Of peers and peers6 in the dictionary form, where known: as many, or none at all.
  std::span<const PeerId> peer_ids = {};
  std::span<const PeerId> peer_ids6 = {};
};
void encode(const AnnounceResponse& response, ByteBuffer& out);

// Decodes either form; of the dictionary form it checks everything and then has the number of
// peers only.
struct ReceivedAnnounce {
  std::uint32_t interval_s = 0;
  std::optional<std::uint32_t> min_interval_s;
  std::uint32_t complete = 0;  // Zero if absent; likewise:
  std::uint32_t incomplete = 0;
  bool has_counts = false;  // Whether the two above were there.
  std::optional<std::uint32_t> downloaded;
  Bytes peers;                   // Compact; empty if absent.
  Bytes peers6;                  // Likewise.
  std::size_t listed_peers = 0;  // Of the dictionary form.
  std::optional<IpAddress> external_ip = {};
};

struct Failure {
  std::string_view reason = {};
  // BEP 31: minutes after which to try again, or never.
  enum class Retry : std::uint8_t { unsaid, never, after } retry = Retry::unsaid;
  std::uint32_t retry_in_minutes = 0;  // With Retry::after.

  friend bool operator==(const Failure&, const Failure&) = default;
};
void encode(const Failure& failure, ByteBuffer& out);

struct ScrapedTorrent {
  InfoHash info_hash = {};
  std::uint32_t complete = 0;
  std::uint32_t incomplete = 0;
  std::uint32_t downloaded = 0;

  friend bool operator==(const ScrapedTorrent&, const ScrapedTorrent&) = default;
};

// Writes a scrape response piece by piece, as it may have any number of torrents.
// Requires, for strict bencode: torrents come sorted by info hash, each once.
void begin_scrape_response(ByteBuffer& out);
void append_scraped_torrent(const ScrapedTorrent& torrent, ByteBuffer& out);
void end_scrape_response(ByteBuffer& out);

// A decoded scrape response: `files` is checked as a whole, and its torrents are read one by one.
class ReceivedScrape {
 public:
  // Requires: `files` begins with the dictionary of a response that was decoded.
  explicit ReceivedScrape(Bytes files, std::size_t count) noexcept;
  std::size_t size() const noexcept { return count_; }
  // The next torrent, or nothing after the last.
  std::optional<ScrapedTorrent> next() noexcept;

 private:
  bencode::Reader reader_;
  std::size_t count_;
  std::size_t left_;  // Not read yet.
};

using Response = std::variant<ReceivedAnnounce, ReceivedScrape, Failure>;

enum class ResponseError : std::uint8_t { malformed, missing_key, wrong_type };

// Which one it is shows: a failure has a `failure reason`, a scrape has `files`.
Expected<Response, ResponseError> decode_response(Bytes body) noexcept;

}  // namespace aquatic::http
