// SPDX-License-Identifier: Apache-2.0
// What a WebTorrent tracker sends, as JSON: responses, and the offers and answers that it relays.
//
// Every message names its action, and all but scrape responses and failures without one their
// info_hash: libtorrent closes the connection otherwise, and bittorrent-tracker's client takes a
// message without an action for an error.
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
#include "protocol/ws/request.h"

namespace aquatic::ws {

struct AnnounceResponse {
  InfoHash info_hash;
  std::uint32_t complete = 0;
  std::uint32_t incomplete = 0;
  std::uint32_t downloaded = 0;
  std::uint32_t interval_s = 0;
  std::uint32_t min_interval_s = 0;  // Sent as `min interval` and `min_interval`: both are read.
};

struct RelayedOffer {
  InfoHash info_hash;
  PeerId peer_id;  // Who offers.
  OfferId offer_id;
  JsonString sdp;
};

struct RelayedAnswer {
  InfoHash info_hash;
  PeerId peer_id;  // Who answers.
  OfferId offer_id;
  JsonString sdp;
};

struct ScrapedTorrent {
  InfoHash info_hash;
  std::uint32_t complete = 0;
  std::uint32_t incomplete = 0;
  std::uint32_t downloaded = 0;
};
struct ScrapeResponse {
  std::span<const ScrapedTorrent> torrents = {};
};

struct Failure {
  std::string_view reason = {};      // Plain text; escaped where JSON wants it.
  Action action = Action::announce;  // As asked; announce where that cannot be told.
  std::optional<InfoHash> info_hash = {};
};

void encode(const AnnounceResponse& response, ByteBuffer& out);
void encode(const RelayedOffer& offer, ByteBuffer& out);
void encode(const RelayedAnswer& answer, ByteBuffer& out);
void encode(const ScrapeResponse& response, ByteBuffer& out);
void encode(const Failure& failure, ByteBuffer& out);

using Response =
    std::variant<AnnounceResponse, RelayedOffer, RelayedAnswer, ScrapeResponse, Failure>;

enum class ResponseError : std::uint8_t { not_json, bad_action, bad_field };

// For peers: the other direction. What it returns lasts until the next message; the reason of a
// failure is as written, a JSON string without its quotes.
class ResponseDecoder {
 public:
  explicit ResponseDecoder(std::size_t max_message_bytes);
  ~ResponseDecoder();

  Expected<Response, ResponseError> decode(PaddedBytes message) noexcept;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace aquatic::ws
