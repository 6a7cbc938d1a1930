// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_requests.h"

#include <algorithm>
#include <cstring>

#include "base/monotonic_clock.h"
#include "load_test/offer_origin.h"
#include "protocol/ws/request.h"

namespace aquatic::load_test {

WsRequests::WsRequests(const WsLoadTestConfig& config, const WsPeers& peers, OfferLedger& ledger,
                       std::uint64_t seed)
    : config_(config),
      peers_(peers),
      ledger_(ledger),
      random_(seed),
      offer_texts_(config.torrents.offers_per_request,
                   SessionDescription(SessionDescription::Kind::offer, config.torrents.sdp_bytes)),
      offers_(config.torrents.offers_per_request),
      answer_text_(SessionDescription::Kind::answer, config.torrents.sdp_bytes) {}

WsSentRequest WsRequests::choose(std::uint32_t connection, const WsHistory& history,
                                 std::uint64_t due_ns) noexcept {
  const auto& torrents = config_.torrents;
  WsSentRequest request{.due_ns = due_ns,
                        .torrent = peers_.torrent_of(connection, history.announces)};
  const std::uint32_t draw = random_.below(torrents.weight_announce + torrents.weight_scrape);
  if (peers_.is_idle(connection) || draw < torrents.weight_announce) return request;
  request.torrents = static_cast<std::uint16_t>(1 + random_.below(torrents.scrape_max_torrents));
  request.scrape_seed = random_();
  return request;
}

void WsRequests::encode(const WsSentRequest& request, std::uint32_t connection, WsHistory& history,
                        ByteBuffer& out) {
  if (!request.is_scrape()) return append_announce(request, connection, history, out);
  append_frame(ws::ScrapeRequest{.info_hashes = draw_torrents(request)}, out);
}

void WsRequests::append_announce(const WsSentRequest& request, std::uint32_t connection,
                                 WsHistory& history, ByteBuffer& out) {
  const std::uint32_t count = offers_of(connection);
  const std::uint64_t now_ns = monotonic_ns();
  for (std::uint32_t i = 0; i < count; ++i) {
    ledger_.make(connection, ++history.offers);
    const OfferId id = offer_id_of({.connection = connection,
                                    .torrent = request.torrent,
                                    .serial = history.offers,
                                    .sent_ns = now_ns});
    offers_[i] = {
        id, offer_texts_[i].write({.offer_id = id, .connection = connection, .sent_ns = now_ns})};
  }
  const bool is_first = history.announces++ < config_.torrents.torrents_per_connection;
  append_frame(ws::AnnounceRequest{.info_hash = Population::info_hash(request.torrent),
                                   .peer_id = Population::peer_id(connection),
                                   .event = is_first ? ws::Event::started : ws::Event::none,
                                   .is_seeder = peers_.is_seeder(connection, request.torrent),
                                   .numwant = count,
                                   .offers = std::span<const ws::Offer>(offers_).first(count)},
               out);
}

void WsRequests::encode_answer(const ws::RelayedOffer& offer, std::uint32_t torrent,
                               std::uint32_t connection, ByteBuffer& out) {
  const SessionDescription::Note note{
      .offer_id = offer.offer_id, .connection = connection, .sent_ns = monotonic_ns()};
  append_frame(ws::AnnounceRequest{.info_hash = offer.info_hash,
                                   .peer_id = Population::peer_id(connection),
                                   .is_seeder = peers_.is_seeder(connection, torrent),
                                   .answer = ws::Answer{.to_peer_id = offer.peer_id,
                                                        .offer_id = offer.offer_id,
                                                        .sdp = answer_text_.write(note)}},
               out);
}

void WsRequests::encode_pong(Bytes payload, ByteBuffer& out) {
  ws::encode_frame(ws::Opcode::pong, payload, out, draw_key());
}

std::array<std::byte, 16> WsRequests::draw_nonce() noexcept {
  const std::array words = {random_(), random_()};
  std::array<std::byte, 16> nonce;
  static_assert(sizeof(words) == sizeof(nonce));
  std::memcpy(nonce.data(), words.data(), sizeof(nonce));
  return nonce;
}

std::uint32_t WsRequests::offers_of(std::uint32_t connection) const noexcept {
  return peers_.is_idle(connection) ? 0 : config_.torrents.offers_per_request;
}

WsExpectation WsRequests::expectation_of(const WsSentRequest& request,
                                         std::uint32_t connection) noexcept {
  if (!request.is_scrape()) {
    return {.info_hash = Population::info_hash(request.torrent),
            .is_seeder = peers_.is_seeder(connection, request.torrent),
            .max_peers = peers_.count()};
  }
  return {.is_scrape = true, .max_peers = peers_.count(), .torrents = draw_torrents(request)};
}

template <class Request>
void WsRequests::append_frame(const Request& request, ByteBuffer& out) {
  const std::size_t begin = out.size();
  ws::encode(request, out);
  ws::end_frame(ws::Opcode::text, begin, out, draw_key());
}

std::span<InfoHash> WsRequests::draw_torrents(const WsSentRequest& request) noexcept {
  Random random(request.scrape_seed);
  const auto drawn = std::span(torrents_).first(request.torrents);
  for (InfoHash& torrent : drawn) {
    torrent = Population::info_hash(random.below(config_.torrents.number_of_torrents));
  }
  std::ranges::sort(drawn);
  const auto surplus = std::ranges::unique(drawn);
  return drawn.first(drawn.size() - surplus.size());
}

}  // namespace aquatic::load_test
