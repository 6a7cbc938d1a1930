// SPDX-License-Identifier: Apache-2.0
// What WebTorrent peers send: announces and scrapes as JSON (the protocol of bittorrent-tracker).
//
// Twenty bytes are a string of twenty characters, each of which stands for the byte of its number
// (U+0000 to U+00FF). A session description is relayed as it was written, quotes and escapes
// included, but only after all of it was found to be a JSON string.
// Tolerant of what programs leave out or add, strict with everything that is passed on to others:
// a message is JSON to its last byte or none at all, and a key that is repeated has its last value,
// as in JavaScript.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/byte_buffer.h"
#include "base/expected.h"
#include "base/info_hash.h"
#include "protocol/ws/padded_buffer.h"

namespace aquatic::ws {

// A JSON string token, with its quotes. Valid UTF-8, valid escapes, no lone surrogate.
using JsonString = std::string_view;

struct Offer {
  OfferId offer_id;
  JsonString sdp;
};

struct Answer {
  PeerId to_peer_id;
  OfferId offer_id;
  JsonString sdp;
};

enum class Event : std::uint8_t { none, started, stopped, completed, paused };

// `offers` is what was sent, but no more than RequestLimits::max_offers of it.
struct AnnounceRequest {
  InfoHash info_hash;
  PeerId peer_id;
  Event event = Event::none;
  bool is_seeder = false;  // `left` is 0; absent, null and everything else is a leecher.
  std::optional<std::uint32_t> numwant = {};  // Negative or a fraction is as if absent.
  std::span<const Offer> offers = {};
  std::optional<Answer> answer = {};
};

struct ScrapeRequest {
  std::span<const InfoHash> info_hashes = {};  // No more than RequestLimits::max_scrape_torrents.
  bool is_full = false;                        // No info_hash at all: every torrent is meant.
};

using Request = std::variant<AnnounceRequest, ScrapeRequest>;

enum class Action : std::uint8_t { announce, scrape };

// Why there is no request, and what the response to it needs.
struct RequestError {
  enum class Reason : std::uint8_t {
    not_json,       // Not JSON, not an object, or nested deeper than any request is.
    bad_action,     // Neither announce nor scrape.
    bad_info_hash,  // Missing, or not twenty characters up to U+00FF.
    bad_peer_id,
    bad_event,
    bad_number,  // `left` or `numwant` is a string, say.
    bad_offers,  // Not an array; or an offer that is no object, or that lacks something.
    bad_answer,
    large_sdp,  // Longer than max_sdp_bytes.
  };
  Reason reason = Reason::not_json;
  std::optional<Action> action = {};
  std::optional<InfoHash> info_hash = {};
};
// For people: what to change.
std::string_view text_of(RequestError::Reason reason) noexcept;

struct RequestLimits {
  std::size_t max_offers = 10;
  std::size_t max_scrape_torrents = 255;
  std::size_t max_sdp_bytes = 16 * 1024;  // As written, with the quotes, of each.
};

// Decodes one message at a time; what it returns borrows from the message and from the decoder, and
// lasts until the next. Belongs to one worker. Allocates only for messages larger than any before.
class RequestDecoder {
 public:
  // No message is longer than `max_message_bytes`.
  RequestDecoder(const RequestLimits& limits, std::size_t max_message_bytes);
  ~RequestDecoder();

  Expected<Request, RequestError> decode(PaddedBytes message) noexcept;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// Appends a request, for peers. `sdp` of offers and answer are JSON strings already.
void encode(const AnnounceRequest& request, ByteBuffer& out);
void encode(const ScrapeRequest& request, ByteBuffer& out);

}  // namespace aquatic::ws
