// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_responder.h"

#include <algorithm>
#include <array>
#include <span>
#include <variant>

#include "protocol/ws/frame.h"

namespace aquatic::server {
namespace {

// Torrents for which a shard of the swarm is locked in one go.
constexpr std::size_t kTorrentsPerLook = 256;

constexpr std::string_view kNotAllowed = "Info hash not allowed";
constexpr std::string_view kOnePeerId = "Only one peer id can be used per torrent";
constexpr std::string_view kTooManyTorrents = "Too many torrents on this connection";
constexpr std::string_view kForeignPeerId = "The peer id is in use on another connection";
constexpr std::string_view kNoSuchOffer =
    "Could not find the offer corresponding to your answer. It may have expired.";
constexpr std::string_view kNotAnnounced = "Announce the torrent before you answer offers for it";
constexpr std::string_view kNoFullScrape = "Full scrapes are not allowed";

swarm::Status status_of(const ws::AnnounceRequest& request) noexcept {
  if (request.event == ws::Event::stopped) return swarm::Status::stopped;
  return request.is_seeder ? swarm::Status::seeder : swarm::Status::leecher;
}

template <class Message>
void append_frame(const Message& message, ByteBuffer& out) {
  const std::size_t begin = out.size();
  encode(message, out);
  ws::end_frame(ws::Opcode::text, begin, out);
}

// An answer alone is no announce: it says nothing of what its peer has left.
bool is_announce(const ws::AnnounceRequest& request) noexcept {
  return !request.answer || request.event != ws::Event::none || !request.offers.empty();
}

}  // namespace

// Whose request is at hand, and where its responses go.
struct WsResponder::Context {
  WsConnection& connection;
  offers::Connection self;
  Seconds now;
  const access_list::AccessList& access_list;
  metrics::Counters<WsMetric>& metrics;
  ByteBuffer& out;

  Family family() const noexcept { return connection.ip.family(); }
};

WsResponder::WsResponder(const WsHandlerOptions& options, offers::OfferSwarm& swarm,
                         net::Outbox& outbox, std::uint64_t seed, WsMetrics& metrics,
                         ClientSampler* clients)
    : options_(options),
      swarm_(swarm),
      outbox_(outbox),
      random_(seed),
      metrics_(metrics),
      clients_(clients),
      decoder_(options.requests, options.messages.max_message_bytes),
      receivers_(options.requests.max_offers) {
  offer_ids_.reserve(options.requests.max_offers);
}

void WsResponder::respond(const Request& request, WsConnection& connection,
                          const access_list::AccessList& access_list, ByteBuffer& out) noexcept {
  const Context context{.connection = connection,
                        .self = {.stream = connection.stream, .worker = outbox_.own_number()},
                        .now = request.now,
                        .access_list = access_list,
                        .metrics = metrics_.of(connection.ip.family()),
                        .out = out};
  const auto decoded = decoder_.decode(request.message);
  if (decoded) {
    connection.requested_at = request.now;
    std::visit([&](const auto& message) { respond(context, message); }, *decoded);
    return;
  }
  const ws::RequestError& error = decoded.error();
  ++connection.bad_message_count;
  context.metrics.add(WsMetric::bad_messages);
  fail(context, {.reason = text_of(error.reason),
                 .action = error.action.value_or(ws::Action::announce),
                 .info_hash = error.info_hash});
}

void WsResponder::leave(const WsConnection& connection) noexcept {
  const offers::Connection self{.stream = connection.stream, .worker = outbox_.own_number()};
  for (const auto& [torrent, peer_id] : connection.memberships) {
    swarm_.leave(torrent, peer_id, self);
  }
}

void WsResponder::respond(const Context& context, const ws::AnnounceRequest& request) noexcept {
  if (request.answer) answer(context, request);
  if (is_announce(request)) announce(context, request);
}

std::string_view WsResponder::refusal_of(
    const Context& context, const ws::AnnounceRequest& request,
    const WsConnection::Membership* membership) const noexcept {
  if (!context.access_list.allows(request.info_hash)) return kNotAllowed;
  if (membership != nullptr) {
    return membership->peer_id == request.peer_id ? std::string_view() : kOnePeerId;
  }
  const bool is_full =
      context.connection.memberships.size() >= options_.max_torrents_per_connection;
  return is_full && request.event != ws::Event::stopped ? kTooManyTorrents : std::string_view();
}

void WsResponder::announce(const Context& context, const ws::AnnounceRequest& request) noexcept {
  context.metrics.add(WsMetric::announce_requests);
  const offers::Torrent torrent = torrent_of(request.info_hash, context.family());
  WsConnection::Membership* const membership = context.connection.find(torrent);
  if (const std::string_view refusal = refusal_of(context, request, membership); !refusal.empty()) {
    return fail(context, {.reason = refusal, .info_hash = request.info_hash});
  }

  offer_ids_.clear();
  const std::size_t wanted =
      std::min<std::size_t>(request.numwant.value_or(UINT32_MAX), request.offers.size());
  for (const ws::Offer& offer : request.offers.first(wanted)) offer_ids_.push_back(offer.offer_id);
  const swarm::Status status = status_of(request);
  const auto announced = swarm_.announce(torrent,
                                         {.peer_id = request.peer_id,
                                          .connection = context.self,
                                          .ip = context.connection.ip,
                                          .status = status,
                                          .completed = request.event == ws::Event::completed},
                                         offer_ids_, context.now, receivers_, random_);
  if (!announced) {
    return fail(context, {.reason = kForeignPeerId, .info_hash = request.info_hash});
  }

  if (clients_ != nullptr && status != swarm::Status::stopped) {
    clients_->see(request.peer_id, context.now);
  }
  auto& memberships = context.connection.memberships;
  if (status == swarm::Status::stopped) {
    if (membership != nullptr) {
      *membership = memberships.back();
      memberships.pop_back();
    }
  } else if (membership == nullptr) {
    memberships.push_back({torrent, request.peer_id});
  }

  context.metrics.add(WsMetric::announce_responses);
  append_frame(ws::AnnounceResponse{.info_hash = request.info_hash,
                                    .complete = announced->counts.seeders,
                                    .incomplete = announced->counts.leechers,
                                    .downloaded = announced->counts.downloads,
                                    .interval_s = options_.announce_interval_s,
                                    .min_interval_s = options_.min_announce_interval_s},
               context.out);
  relay_offers(context, request, announced->receiver_count);
}

void WsResponder::relay_offers(const Context& context, const ws::AnnounceRequest& request,
                               std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    frame_.clear();
    append_frame(ws::RelayedOffer{.info_hash = request.info_hash,
                                  .peer_id = request.peer_id,
                                  .offer_id = request.offers[i].offer_id,
                                  .sdp = request.offers[i].sdp},
                 frame_);
    outbox_.post(receivers_[i].worker, receivers_[i].stream, frame_.bytes());
  }
  context.metrics.add(WsMetric::offers, count);
}

// Nobody waits for a response to an answer, so there is none unless it is refused.
void WsResponder::answer(const Context& context, const ws::AnnounceRequest& request) noexcept {
  context.metrics.add(WsMetric::answer_requests);
  if (!context.access_list.allows(request.info_hash)) {
    return fail(context, {.reason = kNotAllowed, .info_hash = request.info_hash});
  }
  const auto receiver = swarm_.answer(torrent_of(request.info_hash, context.family()),
                                      {.peer_id = request.peer_id,
                                       .connection = context.self,
                                       .to_peer_id = request.answer->to_peer_id,
                                       .offer_id = request.answer->offer_id},
                                      context.now);
  if (!receiver) {
    switch (receiver.error()) {
      case offers::AnswerError::unknown_peer:  // Gone since, which is nobody's mistake.
        return context.metrics.add(WsMetric::unknown_receivers);
      case offers::AnswerError::foreign_peer_id:
        return fail(context, {.reason = kNotAnnounced, .info_hash = request.info_hash});
      case offers::AnswerError::unknown_offer:
        return fail(context, {.reason = kNoSuchOffer, .info_hash = request.info_hash});
    }
  }
  frame_.clear();
  append_frame(ws::RelayedAnswer{.info_hash = request.info_hash,
                                 .peer_id = request.peer_id,
                                 .offer_id = request.answer->offer_id,
                                 .sdp = request.answer->sdp},
               frame_);
  outbox_.post(receiver->worker, receiver->stream, frame_.bytes());
  context.metrics.add(WsMetric::answers);
}

void WsResponder::respond(const Context& context, const ws::ScrapeRequest& request) noexcept {
  context.metrics.add(WsMetric::scrape_requests);
  if (request.is_full && options_.allows_full_scrape) return scrape_all(context);
  if (request.is_full) {
    return fail(context, {.reason = kNoFullScrape, .action = ws::Action::scrape});
  }
  scraped_.clear();
  for (const InfoHash& info_hash : request.info_hashes) {
    const swarm::Counts counts = context.access_list.allows(info_hash)
                                     ? swarm_.scrape(torrent_of(info_hash, context.family()))
                                     : swarm::Counts();
    scraped_.push_back({info_hash, counts.seeders, counts.leechers, counts.downloads});
  }
  send(context, {.torrents = scraped_});
}

void WsResponder::scrape_all(const Context& context) noexcept {
  scraped_.clear();
  std::array<swarm::TorrentCounts, kTorrentsPerLook> torrents;
  swarm::ScrapeCursor cursor;
  const Family family = torrent_of({}, context.family()).family;
  while (const std::size_t count = swarm_.scrape_some(family, cursor, torrents)) {
    for (const auto& [info_hash, counts] : std::span(torrents).first(count)) {
      if (scraped_.size() == kMaxFullScrapeTorrents) break;
      if (!context.access_list.allows(info_hash)) continue;
      scraped_.push_back({info_hash, counts.seeders, counts.leechers, counts.downloads});
    }
    if (scraped_.size() == kMaxFullScrapeTorrents) break;
  }
  send(context, {.torrents = scraped_});
}

void WsResponder::send(const Context& context, const ws::ScrapeResponse& response) noexcept {
  context.metrics.add(WsMetric::scrape_responses);
  append_frame(response, context.out);
}

void WsResponder::fail(const Context& context, const ws::Failure& failure) noexcept {
  context.metrics.add(WsMetric::failure_responses);
  append_frame(failure, context.out);
}

}  // namespace aquatic::server
