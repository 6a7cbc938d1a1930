// SPDX-License-Identifier: Apache-2.0
// What a client asks an HTTP tracker (BEP 3, 7, 21, 23, 48): queries, decoded and encoded.
//
// Programs out there send all kinds of things, so everything is tolerated that cannot be
// misunderstood: repeated keys (the last counts), unknown keys, empty values, `numwant=-1`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/endpoint.h"
#include "base/expected.h"
#include "base/info_hash.h"

namespace aquatic::http {

enum class Event : std::uint8_t { none, started, stopped, completed, paused };

struct AnnounceRequest {
  InfoHash info_hash = {};
  PeerId peer_id = {};
  std::uint16_t port = 0;
  std::uint64_t uploaded = 0;  // Zero if absent or no number; likewise:
  std::uint64_t downloaded = 0;
  std::uint64_t left = 0;
  Event event = Event::none;
  std::optional<std::uint32_t> num_want = {};  // None: absent or negative, the tracker chooses.
  bool is_compact = true;                      // Absent is yes; only `compact=0` is no.
  bool has_no_peer_id = false;                 // `no_peer_id=1`: peer ids are not wanted.
  // What the client says of his addresses, where these are addresses at all; else ignored.
  // A port with them is ignored.
  std::optional<IpAddress> ip = {};    // `ip`: of either family.
  std::optional<IpAddress> ipv4 = {};  // `ipv4`, BEP 7.
  std::optional<IpAddress> ipv6 = {};  // `ipv6`, BEP 7.

  friend bool operator==(const AnnounceRequest&, const AnnounceRequest&) = default;
};

enum class RequestError : std::uint8_t {
  no_info_hash,
  bad_info_hash,  // Not twenty bytes.
  no_peer_id,
  bad_peer_id,
  no_port,
  bad_port,  // Not from 1 to 65535.
  no_left,
  bad_left,  // Not a number from 0 to 2^64 - 1. The -1 that some send for magnet links is 2^64 - 1.
  bad_event,
  bad_num_want,
  bad_compact,
};

// What the peer is told, as in "port must be a number from 1 to 65535".
std::string_view text_of(RequestError error) noexcept;

// `query` is what stands after the question mark.
Expected<AnnounceRequest, RequestError> decode_announce(std::string_view query) noexcept;
// Appends the query of an announce. Optional fields that have their default value are left out, but
// for those that some tracker out there needs.
void encode(const AnnounceRequest& request, ByteBuffer& out);

struct ScrapedHashes {
  std::size_t count = 0;  // How many of `out` were filled.
  bool has_more = false;  // The query has more than fit.
};

// Fills `out` with the info hashes of a scrape, in their order. None at all asks for everything
// (BEP 48 leaves it to the tracker).
Expected<ScrapedHashes, RequestError> decode_scrape(std::string_view query,
                                                    std::span<InfoHash> out) noexcept;
// Appends the query of a scrape.
void encode_scrape(std::span<const InfoHash> info_hashes, ByteBuffer& out);

}  // namespace aquatic::http
