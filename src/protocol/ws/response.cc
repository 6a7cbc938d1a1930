// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/response.h"

#include "protocol/decimal.h"
#include "protocol/ws/json_text.h"

namespace aquatic::ws {
namespace {

void append_number(std::string_view before, std::uint32_t number, ByteBuffer& out) {
  out.append(before);
  append_decimal(number, out);
}

// Offers and answers differ in the pieces before and after the session description.
template <class Relayed>
void encode_relayed(const Relayed& relayed, std::string_view before_sdp, ByteBuffer& out) {
  out.append(R"({"action":"announce","info_hash":)");
  append_byte_string(relayed.info_hash.bytes, out);
  out.append(R"(,"peer_id":)");
  append_byte_string(relayed.peer_id.bytes, out);
  out.append(R"(,"offer_id":)");
  append_byte_string(relayed.offer_id.bytes, out);
  out.append(before_sdp);
  out.append(relayed.sdp);
  out.append("}}");
}

}  // namespace

void encode(const AnnounceResponse& response, ByteBuffer& out) {
  out.append(R"({"action":"announce","info_hash":)");
  append_byte_string(response.info_hash.bytes, out);
  append_number(R"(,"complete":)", response.complete, out);
  append_number(R"(,"incomplete":)", response.incomplete, out);
  append_number(R"(,"downloaded":)", response.downloaded, out);
  append_number(R"(,"interval":)", response.interval_s, out);
  append_number(R"(,"min interval":)", response.min_interval_s, out);
  append_number(R"(,"min_interval":)", response.min_interval_s, out);
  out.append("}");
}

void encode(const RelayedOffer& offer, ByteBuffer& out) {
  encode_relayed(offer, R"(,"offer":{"type":"offer","sdp":)", out);
}

void encode(const RelayedAnswer& answer, ByteBuffer& out) {
  encode_relayed(answer, R"(,"answer":{"type":"answer","sdp":)", out);
}

void encode(const ScrapeResponse& response, ByteBuffer& out) {
  std::string_view separator = R"({"action":"scrape","files":{)";
  for (const ScrapedTorrent& torrent : response.torrents) {
    out.append(separator);
    separator = ",";
    append_byte_string(torrent.info_hash.bytes, out);
    append_number(R"(:{"complete":)", torrent.complete, out);
    append_number(R"(,"incomplete":)", torrent.incomplete, out);
    append_number(R"(,"downloaded":)", torrent.downloaded, out);
    out.append("}");
  }
  if (response.torrents.empty()) out.append(separator);
  out.append("}}");
}

void encode(const Failure& failure, ByteBuffer& out) {
  out.append(failure.action == Action::announce ? R"({"action":"announce")"
                                                : R"({"action":"scrape")");
  if (failure.info_hash) {
    out.append(R"(,"info_hash":)");
    append_byte_string(failure.info_hash->bytes, out);
  }
  out.append(R"(,"failure reason":")");
  append_escaped(failure.reason, out);
  out.append(R"("})");
}

}  // namespace aquatic::ws
