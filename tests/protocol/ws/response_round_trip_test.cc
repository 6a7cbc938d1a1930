// SPDX-License-Identifier: Apache-2.0
// What one side encodes the other decodes, and what is relayed is the same string to another JSON
// library: for any bytes as ids, and for session descriptions written in any way that JSON allows.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "protocol/ws/request.h"
#include "protocol/ws/response.h"
#include "tests/support/padded_message.h"

namespace aquatic::ws {
namespace {

using nlohmann::json;
using test::PaddedMessage;

constexpr std::size_t kMaxMessageBytes = 64 * 1024;
constexpr RequestLimits kLimits{.max_sdp_bytes = kMaxMessageBytes};

template <class Id>
rc::Gen<Id> any_id() {
  return rc::gen::map(rc::gen::arbitrary<std::array<std::uint8_t, 20>>(), [](const auto& numbers) {
    Id id;
    std::ranges::copy(std::as_bytes(std::span(numbers)), id.bytes.begin());
    return id;
  });
}

// A character of a JSON string in one of the ways to write it.
rc::Gen<std::string> any_piece() {
  const auto hex4 = [](unsigned unit) {
    std::array<char, 7> text;
    std::snprintf(text.data(), text.size(), "\\u%04X", unit);
    return std::string(text.data());
  };
  return rc::gen::oneOf(rc::gen::map(rc::gen::inRange(0x20, 0x7f),
                                     [](int c) {
                                       const std::string text(1, static_cast<char>(c));
                                       return c == '"' || c == '\\' ? "\\" + text : text;
                                     }),
                        rc::gen::element<std::string>("\\r\\n", "\\\"", "\\\\", "\\/", "\\b", "\\f",
                                                      "\\t", "/", "\x7f", "\u00e9", "\u20ac",
                                                      "\U0001f600", "\\ud83d\\uDE00", "{", "]"),
                        rc::gen::map(rc::gen::inRange(0u, 0xd800u), hex4),
                        rc::gen::map(rc::gen::inRange(0xe000u, 0x10000u), hex4));
}

rc::Gen<std::string> any_json_string() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(any_piece()),
                      [](const std::vector<std::string>& pieces) {
                        std::string text = "\"";
                        for (const std::string& piece : pieces) text += piece;
                        return text + "\"";
                      });
}

template <class Message>
std::string encoded(const Message& message) {
  ByteBuffer out;
  encode(message, out);
  return std::string(out.text());
}

// The bytes of an id as another library reads them.
std::string bytes_of(const json& id) {
  std::string bytes;
  const std::string text = id.get<std::string>();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    RC_ASSERT(first < 0x80 || first == 0xc2 || first == 0xc3);
    bytes += first < 0x80 ? text[i] : static_cast<char>(text[++i] + (first == 0xc3 ? 0x40 : 0));
  }
  return bytes;
}

template <class Id>
std::string bytes_of(const Id& id) {
  return std::string(as_text(id.bytes));
}

RC_GTEST_PROP(RoundTrip, Announces, ()) {
  AnnounceRequest request{.info_hash = *any_id<InfoHash>(), .peer_id = *any_id<PeerId>()};
  request.event = static_cast<Event>(*rc::gen::inRange(0, 5));
  request.is_seeder = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) request.numwant = *rc::gen::arbitrary<std::uint32_t>();
  const auto sdps =
      *rc::gen::resize(5, rc::gen::container<std::vector<std::string>>(any_json_string()));
  std::vector<Offer> offers;
  for (const std::string& sdp : sdps) offers.push_back({*any_id<OfferId>(), sdp});
  request.offers = offers;
  const std::string answer_sdp = *any_json_string();
  if (*rc::gen::arbitrary<bool>()) {
    request.answer = {*any_id<PeerId>(), *any_id<OfferId>(), answer_sdp};
  }

  RequestDecoder decoder(kLimits, kMaxMessageBytes);
  const PaddedMessage message(encoded(request));
  const auto decoded = decoder.decode(message.bytes());
  RC_ASSERT(decoded.has_value());
  const auto& got = std::get<AnnounceRequest>(*decoded);
  RC_ASSERT(got.info_hash == request.info_hash);
  RC_ASSERT(got.peer_id == request.peer_id);
  RC_ASSERT(got.event == request.event);
  RC_ASSERT(got.is_seeder == request.is_seeder);
  RC_ASSERT(got.numwant == request.numwant);
  RC_ASSERT(got.offers.size() == std::min(offers.size(), kLimits.max_offers));
  for (std::size_t i = 0; i < got.offers.size(); ++i) {
    RC_ASSERT(got.offers[i].offer_id == offers[i].offer_id);
    RC_ASSERT(got.offers[i].sdp == offers[i].sdp);
  }
  RC_ASSERT(got.answer.has_value() == request.answer.has_value());
  if (got.answer) {
    RC_ASSERT(got.answer->to_peer_id == request.answer->to_peer_id);
    RC_ASSERT(got.answer->offer_id == request.answer->offer_id);
    RC_ASSERT(got.answer->sdp == answer_sdp);
  }
}

RC_GTEST_PROP(RoundTrip, Scrapes, ()) {
  const auto info_hashes = *rc::gen::container<std::vector<InfoHash>>(any_id<InfoHash>());
  RequestDecoder decoder({}, kMaxMessageBytes);
  const PaddedMessage message(encoded(ScrapeRequest{.info_hashes = info_hashes}));
  const auto decoded = decoder.decode(message.bytes());
  RC_ASSERT(decoded.has_value());
  const auto& got = std::get<ScrapeRequest>(*decoded);
  RC_ASSERT(!got.is_full);
  RC_ASSERT(std::ranges::equal(got.info_hashes, info_hashes));
}

RC_GTEST_PROP(RoundTrip, ScrapeResponses, ()) {
  std::vector<ScrapedTorrent> torrents;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
    const auto count = rc::gen::arbitrary<std::uint32_t>();
    torrents.push_back({*any_id<InfoHash>(), *count, *count, *count});
  }
  const std::string text = encoded(ScrapeResponse{torrents});
  ResponseDecoder decoder(kMaxMessageBytes);
  const PaddedMessage message(text);
  const auto decoded = decoder.decode(message.bytes());
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(encoded(std::get<ScrapeResponse>(*decoded)) == text);
  const json files = json::parse(text)["files"];
  for (const auto& [name, file] : files.items()) {
    const std::string hash = bytes_of(json(name));
    RC_ASSERT(std::ranges::any_of(torrents, [&, &counts = file](const ScrapedTorrent& torrent) {
      return bytes_of(torrent.info_hash) == hash && counts["complete"] == torrent.complete &&
             counts["incomplete"] == torrent.incomplete &&
             counts["downloaded"] == torrent.downloaded;
    }));
  }
}

RC_GTEST_PROP(RoundTrip, AnnounceResponses, (const std::array<std::uint32_t, 5>& numbers)) {
  const AnnounceResponse response{*any_id<InfoHash>(), numbers[0], numbers[1],
                                  numbers[2],          numbers[3], numbers[4]};
  const std::string text = encoded(response);
  ResponseDecoder decoder(kMaxMessageBytes);
  const PaddedMessage message(text);
  const auto decoded = decoder.decode(message.bytes());
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(encoded(std::get<AnnounceResponse>(*decoded)) == text);
  const json parsed = json::parse(text);
  RC_ASSERT(parsed.size() == 8u);
  RC_ASSERT(bytes_of(parsed["info_hash"]) == bytes_of(response.info_hash));
  RC_ASSERT(parsed["interval"] == numbers[3]);
  RC_ASSERT(parsed["min interval"] == numbers[4]);
  RC_ASSERT(parsed["min_interval"] == numbers[4]);
}

// From one peer through the tracker to another.
template <class Relayed>
void relay(const Relayed& relayed, const char* key) {
  const std::string text = encoded(relayed);
  ResponseDecoder decoder(kMaxMessageBytes);
  const PaddedMessage message(text);
  const auto decoded = decoder.decode(message.bytes());
  RC_ASSERT(decoded.has_value());
  const auto& got = std::get<Relayed>(*decoded);
  RC_ASSERT(got.sdp == relayed.sdp);
  RC_ASSERT(got.info_hash == relayed.info_hash);
  RC_ASSERT(got.peer_id == relayed.peer_id);
  RC_ASSERT(got.offer_id == relayed.offer_id);

  const json parsed = json::parse(text);
  RC_ASSERT(parsed.size() == 5u);
  RC_ASSERT(parsed[key].size() == 2u);
  RC_ASSERT(parsed[key]["type"] == key);
  RC_ASSERT(parsed[key]["sdp"] == json::parse(relayed.sdp));
  RC_ASSERT(bytes_of(parsed["info_hash"]) == bytes_of(relayed.info_hash));
  RC_ASSERT(bytes_of(parsed["peer_id"]) == bytes_of(relayed.peer_id));
  RC_ASSERT(bytes_of(parsed["offer_id"]) == bytes_of(relayed.offer_id));
}

RC_GTEST_PROP(RoundTrip, RelayedMessages, ()) {
  const std::string sdp = *any_json_string();
  const auto info_hash = *any_id<InfoHash>();
  const auto peer_id = *any_id<PeerId>();
  const auto offer_id = *any_id<OfferId>();
  relay(RelayedOffer{info_hash, peer_id, offer_id, sdp}, "offer");
  relay(RelayedAnswer{info_hash, peer_id, offer_id, sdp}, "answer");
}

// However a good message is changed, both libraries agree on whether it is an object, and if it
// still has an offer on its session description.
RC_GTEST_PROP(Relay, OnlyWhatAnotherLibraryReadsAlike, ()) {
  const std::string sdp = *any_json_string();
  const std::array<Offer, 1> offers = {{{*any_id<OfferId>(), sdp}}};
  std::string text = encoded(AnnounceRequest{
      .info_hash = *any_id<InfoHash>(), .peer_id = *any_id<PeerId>(), .offers = offers});
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto length = *rc::gen::inRange<std::size_t>(0, 3);
    const auto inserted = *rc::gen::oneOf(
        any_piece(), rc::gen::element<std::string>("\"", "\\", "}", "]", ",", ":", "\xff"));
    text.replace(at, length, inserted);
  }
  RequestDecoder decoder(kLimits, kMaxMessageBytes);
  const PaddedMessage message(text);
  const auto decoded = decoder.decode(message.bytes());
  const bool is_json = decoded || decoded.error().reason != RequestError::Reason::not_json;
  const json parsed = json::parse(text, nullptr, false);
  RC_ASSERT(parsed.is_object() == is_json);
  if (!decoded) return;
  const auto* announce = std::get_if<AnnounceRequest>(&*decoded);
  if (announce == nullptr || announce->offers.empty()) return;
  RC_ASSERT(parsed["offers"][0]["offer"]["sdp"] == json::parse(announce->offers[0].sdp));
}

}  // namespace
}  // namespace aquatic::ws
