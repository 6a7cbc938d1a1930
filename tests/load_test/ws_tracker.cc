// SPDX-License-Identifier: Apache-2.0
#include "tests/load_test/ws_tracker.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "protocol/http/request_head.h"
#include "protocol/ws/upgrade.h"

namespace aquatic::load_test::test {
namespace {

constexpr std::size_t kMaxMessageBytes = 65'536;

}  // namespace

WsTracker::WsTracker(Mischief mischief)
    : mischief_(std::move(mischief)),
      reader_(ws::Side::client, {}),
      decoder_({.max_offers = 10}, kMaxMessageBytes) {}

StreamTracker::Answer WsTracker::operator()(std::string_view input, const Endpoint& peer) {
  if (!mailboxes_.contains(peer)) return upgrade(input, peer);
  Bytes rest = as_bytes(input);
  ws::PartialMessage partial;
  const auto received = reader_.next(rest, partial);
  CHECK(received.has_value());  // The generator never sends nonsense.
  StreamTracker::Answer answer{.bytes = {}, .taken = input.size() - rest.size()};
  if (!*received || !std::holds_alternative<ws::Message>(**received)) return answer;
  const auto request = decoder_.decode(std::get<ws::Message>(**received).payload);
  CHECK(request.has_value());
  ByteBuffer out;
  if (const auto* scraped = std::get_if<ws::ScrapeRequest>(&*request)) {
    scrape(*scraped, out);
  } else {
    announce(std::get<ws::AnnounceRequest>(*request), peer, out);
  }
  if (!out.is_empty()) answer.bytes = std::string(out.text()) + mischief_.after_response;
  answer.bytes += std::exchange(mailboxes_[peer], std::string());
  return answer;
}

StreamTracker::Answer WsTracker::upgrade(std::string_view input, const Endpoint& peer) {
  http::RequestHead head;
  const auto bytes = http::decode_request_head(as_bytes(input), {}, head);
  if (!bytes) return {};
  const auto upgrade = ws::decode_upgrade(head);
  CHECK(upgrade.has_value());
  ByteBuffer out;
  ws::encode_upgrade_response(upgrade->key, out);
  mailboxes_[peer];
  return {.bytes = std::string(out.text()), .taken = *bytes};
}

void WsTracker::announce(const ws::AnnounceRequest& request, const Endpoint& peer,
                         ByteBuffer& out) {
  if (request.answer) {
    const Endpoint offerer = offerers_.at(request.answer->offer_id);
    ws::RelayedAnswer answer{request.info_hash, request.peer_id, request.answer->offer_id,
                             request.answer->sdp};
    mischief_.change_answer(answer);
    for (int i = 0; i < mischief_.copies_of_answer; ++i) post(offerer, answer);
    return;  // It has no response.
  }
  auto& swarm = swarms_[request.info_hash];
  swarm[peer] = request.is_seeder;
  const auto seeders = static_cast<std::uint32_t>(
      std::ranges::count_if(swarm, [](const auto& each) { return each.second; }));
  ws::AnnounceResponse response{.info_hash = request.info_hash,
                                .complete = seeders,
                                .incomplete = static_cast<std::uint32_t>(swarm.size()) - seeders,
                                .interval_s = 120};
  mischief_.change_response(response);
  out.append(ws_frame(response));
  auto receiver = swarm.begin();
  for (const ws::Offer& offer : request.offers) {
    if (receiver != swarm.end() && (receiver->first == peer) != mischief_.returns_to_sender) {
      ++receiver;
    }
    if (receiver == swarm.end()) return;
    offerers_[offer.offer_id] = peer;
    ws::RelayedOffer relayed{request.info_hash, request.peer_id, offer.offer_id, offer.sdp};
    mischief_.change_offer(relayed);
    for (int i = 0; i < mischief_.copies_of_offer; ++i) post(receiver->first, relayed);
    ++receiver;
  }
}

void WsTracker::scrape(const ws::ScrapeRequest& request, ByteBuffer& out) {
  std::vector<ws::ScrapedTorrent> torrents;
  for (const InfoHash& info_hash : request.info_hashes) torrents.push_back({info_hash});
  out.append(ws_frame(ws::ScrapeResponse{torrents}));
}

void WsTracker::post(const Endpoint& receiver, const ws::Response& message) {
  mailboxes_[receiver] += ws_frame(message);
}

StreamTracker::Behaviour serve_ws(WsTracker::Mischief mischief) {
  const auto tracker = std::make_shared<WsTracker>(std::move(mischief));
  return
      [tracker](std::string_view input, const Endpoint& peer) { return (*tracker)(input, peer); };
}

std::string ws_frame(const ws::Response& message) {
  ByteBuffer out;
  std::visit([&](const auto& each) { ws::encode(each, out); }, message);
  ws::end_frame(ws::Opcode::text, 0, out);
  return std::string(out.text());
}

}  // namespace aquatic::load_test::test
