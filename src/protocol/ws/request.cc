// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/request.h"

#include "protocol/decimal.h"
#include "protocol/ws/json_text.h"

namespace aquatic::ws {
namespace {

std::string_view name_of(Event event) noexcept {
  switch (event) {
    case Event::none: break;
    case Event::started: return "started";
    case Event::stopped: return "stopped";
    case Event::completed: return "completed";
    case Event::paused: return "paused";
  }
  return "update";
}

void append_offers(std::span<const Offer> offers, ByteBuffer& out) {
  std::string_view separator = R"(,"offers":[)";
  for (const Offer& offer : offers) {
    out.append(separator);
    separator = ",";
    out.append(R"({"offer":{"type":"offer","sdp":)");
    out.append(offer.sdp);
    out.append(R"(},"offer_id":)");
    append_byte_string(offer.offer_id.bytes, out);
    out.append("}");
  }
  out.append("]");
}

}  // namespace

std::string_view text_of(RequestError::Reason reason) noexcept {
  using Reason = RequestError::Reason;
  switch (reason) {
    case Reason::not_json: return "not a JSON object";
    case Reason::bad_action: return "action has to be announce or scrape";
    case Reason::bad_info_hash:
      return "info_hash has to be 20 characters, each a byte: U+0000 to U+00FF";
    case Reason::bad_peer_id:
      return "peer_id has to be 20 characters, each a byte: U+0000 to U+00FF";
    case Reason::bad_event:
      return "event has to be started, stopped, completed, paused, update, empty or absent";
    case Reason::bad_number: return "left and numwant have to be numbers, null or absent";
    case Reason::bad_offers:
      return "offers has to be an array of objects with an offer, which has an sdp, and an "
             "offer_id of 20 characters, each a byte";
    case Reason::bad_answer:
      return "answer has to be an object with an sdp, and needs to_peer_id and offer_id of 20 "
             "characters, each a byte";
    case Reason::large_sdp: return "an sdp is longer than this tracker relays";
  }
  return "";
}

void encode(const AnnounceRequest& request, ByteBuffer& out) {
  out.append(R"({"action":"announce","info_hash":)");
  append_byte_string(request.info_hash.bytes, out);
  out.append(R"(,"peer_id":)");
  append_byte_string(request.peer_id.bytes, out);
  out.append(R"(,"event":")");
  out.append(name_of(request.event));
  // A leecher lacks something; how much is nobody's business.
  out.append(request.is_seeder ? R"(","left":0)" : R"(","left":1)");
  if (request.numwant) {
    out.append(R"(,"numwant":)");
    append_decimal(*request.numwant, out);
  }
  if (!request.offers.empty()) append_offers(request.offers, out);
  if (request.answer) {
    out.append(R"(,"answer":{"type":"answer","sdp":)");
    out.append(request.answer->sdp);
    out.append(R"(},"to_peer_id":)");
    append_byte_string(request.answer->to_peer_id.bytes, out);
    out.append(R"(,"offer_id":)");
    append_byte_string(request.answer->offer_id.bytes, out);
  }
  out.append("}");
}

void encode(const ScrapeRequest& request, ByteBuffer& out) {
  out.append(R"({"action":"scrape")");
  if (!request.is_full) {
    std::string_view separator = R"(,"info_hash":[)";
    for (const InfoHash& info_hash : request.info_hashes) {
      out.append(separator);
      separator = ",";
      append_byte_string(info_hash.bytes, out);
    }
    out.append(request.info_hashes.empty() ? R"(,"info_hash":[])" : "]");
  }
  out.append("}");
}

}  // namespace aquatic::ws
