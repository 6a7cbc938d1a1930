// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/ws_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace aquatic::simulation {
namespace {

using nlohmann::json;
using server::WsPeer;

constexpr std::size_t kMaxViolations = 10;

offers::Connection connection_of(const WsPeer& peer) {
  return {.stream = peer.stream, .worker = static_cast<std::uint32_t>(peer.worker)};
}

// Twenty characters, each of which stands for the byte of its number.
template <class Id>
std::optional<Id> id_in(const json& object, const char* key) {
  if (!object.contains(key) || !object[key].is_string()) return std::nullopt;
  const auto& text = object[key].get_ref<const std::string&>();
  Id id;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size() && count < Id::kBytes; ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0xC0) byte = static_cast<unsigned char>((byte << 6) | (text[++i] & 0x3F));
    id.bytes[count++] = std::byte{byte};
  }
  return count == Id::kBytes ? std::optional(id) : std::nullopt;
}

bool is_sdp(const json& message, const std::string& type, const OfferId& id) {
  const json& description = message[type];
  return description.is_object() && description.size() == 2 && description["type"] == type &&
         description["sdp"] == WsJudge::sdp_of(id, type);
}

std::uint64_t number_of(const OfferId& id) {
  std::uint64_t number = 0;
  std::memcpy(&number, id.bytes.data(), sizeof(number));
  return number;
}

bool has_started(const ws::AnnounceRequest& request) { return request.event != ws::Event::stopped; }

}  // namespace

std::string WsJudge::sdp_of(const OfferId& id, std::string_view type) {
  return fmt::format("v=0\r\n\"{}\" \\ {} \u00e9\u20ac", type, number_of(id));
}

std::string WsJudge::sdp_json_of(const OfferId& id, std::string_view type) {
  return fmt::format(R"("v=0\r\n\"{}\" \\ {} \u00e9)"
                     "\u20ac\"",
                     type, number_of(id));
}

offers::Torrent WsJudge::torrent_of(const WsPeer& peer, const InfoHash& info_hash) const {
  return {info_hash, options_.joins_families ? Family::ipv4 : peer.address.ip.family()};
}

void WsJudge::announces(const WsPeer& peer, const ws::AnnounceRequest& request, Seconds now) {
  Session& session = sessions_[peer.stream];
  if (request.answer) answers(peer, request, now);
  if (request.answer && request.offers.empty() && request.event == ws::Event::none) return;
  const offers::Torrent where = torrent_of(peer, request.info_hash);
  const swarm::Status status = !has_started(request) ? swarm::Status::stopped
                               : request.is_seeder   ? swarm::Status::seeder
                                                     : swarm::Status::leecher;
  const offers::Announcement announcement = {.peer_id = request.peer_id,
                                             .connection = connection_of(peer),
                                             .ip = peer.address.ip,
                                             .status = status,
                                             .completed = request.event == ws::Event::completed};
  const auto announced =
      is_refused(session, request) ? std::nullopt : model_.announce(where, announcement, now);
  if (!announced) return session.owed.push_back({Owed::Kind::failure, request.info_hash});
  if (has_started(request)) {
    session.memberships[request.info_hash] = request.peer_id;
    expects_offers(peer, request, now);
  } else {
    session.memberships.erase(request.info_hash);
  }
  session.owed.push_back({Owed::Kind::announce, request.info_hash, *announced});
}

bool WsJudge::is_refused(const Session& session, const ws::AnnounceRequest& request) const {
  const auto member = session.memberships.find(request.info_hash);
  return options_.denied.contains(request.info_hash) ||
         (member != session.memberships.end() && member->second != request.peer_id);
}

std::size_t WsJudge::eligible(const offers::Torrent& where, const offers::Connection& self,
                              bool is_seeder) const {
  const auto torrent = model_.torrents.find({where.family, where.info_hash});
  if (torrent == model_.torrents.end()) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(torrent->second.peers, [&](const auto& entry) {
        return entry.second.connection != self && !(is_seeder && entry.second.is_seeder);
      }));
}

// The first ones are passed on, as many as there are peers for them.
void WsJudge::expects_offers(const WsPeer& peer, const ws::AnnounceRequest& request, Seconds now) {
  const offers::Torrent where = torrent_of(peer, request.info_hash);
  const std::size_t count = std::min({request.offers.size(), options_.max_offers,
                                      std::size_t{request.numwant.value_or(UINT32_MAX)},
                                      eligible(where, connection_of(peer), request.is_seeder)});
  for (const ws::Offer& offer : request.offers.first(count)) {
    offers_[offer.offer_id] = {request.info_hash, request.peer_id, peer.stream};
    model_.offer(*model_.find(where, request.peer_id), {offer.offer_id, {}, now});
  }
}

// Right are only answers of the one who got the offer, once, as long as both are there.
void WsJudge::answers(const WsPeer& peer, const ws::AnnounceRequest& request, Seconds now) {
  const offers::Torrent where = torrent_of(peer, request.info_hash);
  const Owed failure = {Owed::Kind::failure, request.info_hash};
  std::deque<Owed>& owed = sessions_[peer.stream].owed;
  const offers::ModelPeer* const self = model_.find(where, request.peer_id);
  if (options_.denied.contains(request.info_hash) || self == nullptr ||
      self->connection != connection_of(peer)) {
    return owed.push_back(failure);
  }
  offers::ModelPeer* const offerer = model_.find(where, request.answer->to_peer_id);
  if (offerer == nullptr) return;
  const auto pending = std::ranges::find_if(offerer->offers, [&](const auto& offer) {
    return offer.id == request.answer->offer_id && offer.receivers.contains(request.peer_id) &&
           !model_.is_old(offer, now);
  });
  if (pending == offerer->offers.end()) return owed.push_back(failure);
  answers_[pending->id] = {request.info_hash, request.peer_id, peer.stream,
                           offerer->connection.stream};
  offerer->offers.erase(pending);
}

void WsJudge::scrapes(const WsPeer& peer, const InfoHash& info_hash) {
  const bool is_denied = options_.denied.contains(info_hash);
  const swarm::Counts told = is_denied ? swarm::Counts() : counts(torrent_of(peer, info_hash));
  sessions_[peer.stream].owed.push_back({Owed::Kind::scrape, info_hash, told});
}

void WsJudge::babbles(const WsPeer& peer) {
  Session& session = sessions_[peer.stream];
  ++session.bad_messages;
  session.owed.push_back({Owed::Kind::failure});
}

std::optional<HeardOffer> WsJudge::hears(const WsPeer& peer, std::string_view text) {
  const json message = json::parse(text, nullptr, false);
  std::string wrong;
  std::optional<HeardOffer> offer;
  if (!message.is_object()) {
    wrong = "no JSON object";
  } else if (!message.contains("action")) {
    wrong = "no action";
  } else if (message.contains("offer")) {
    wrong = judge_relay(peer, message, "offer", offers_);
    if (wrong.empty()) offer = note_offer(peer, message);
  } else if (message.contains("answer")) {
    wrong = judge_relay(peer, message, "answer", answers_);
    ++answers_heard_;
  } else {
    wrong = judge_response(peer, message);
  }
  if (!wrong.empty()) violation(fmt::format("{}: {}", wrong, text));
  return offer;
}

std::string WsJudge::judge_relay(const WsPeer& peer, const json& message, const std::string& type,
                                 std::map<OfferId, Relay>& relays) {
  const auto id = id_in<OfferId>(message, "offer_id");
  const auto found = id ? relays.find(*id) : relays.end();
  if (found == relays.end()) return "was never to be passed on";
  Relay& relay = found->second;
  if (std::exchange(relay.is_heard, true)) return "for the second time";
  if (relay.sender == peer.stream) return "to its sender";
  if (relay.receiver != 0 && relay.receiver != peer.stream) return "to the wrong peer";
  if (relay.info_hash != id_in<InfoHash>(message, "info_hash")) return "for another torrent";
  if (relay.from != id_in<PeerId>(message, "peer_id")) return "in another name";
  return is_sdp(message, type, *id) ? "" : "the description is altered";
}

// From now on he may answer, in the name that he has in this torrent.
HeardOffer WsJudge::note_offer(const WsPeer& peer, const json& message) {
  const HeardOffer offer = {*id_in<InfoHash>(message, "info_hash"),
                            *id_in<PeerId>(message, "peer_id"),
                            *id_in<OfferId>(message, "offer_id")};
  ++offers_heard_;
  offers::ModelPeer* const offerer = model_.find(torrent_of(peer, offer.info_hash), offer.from);
  const auto& memberships = sessions_[peer.stream].memberships;
  const auto self = memberships.find(offer.info_hash);
  if (offerer == nullptr || self == memberships.end()) return offer;
  for (auto& pending : offerer->offers) {
    if (pending.id == offer.id) pending.receivers.insert(self->second);
  }
  return offer;
}

std::string WsJudge::judge_response(const WsPeer& peer, const json& message) {
  std::deque<Owed>& owed = sessions_[peer.stream].owed;
  if (owed.empty()) return "a response to nothing";
  const Owed expected = owed.front();
  owed.pop_front();
  ++responses_;
  const bool has_failed = message.contains("failure reason");
  const bool is_scrape = message.contains("files");
  failures_ += has_failed;
  if (has_failed != (expected.kind == Owed::Kind::failure)) return "failed, or should have";
  if (is_scrape != (expected.kind == Owed::Kind::scrape)) return "another action";
  if (!is_scrape && expected.info_hash != id_in<InfoHash>(message, "info_hash")) {
    return "another info_hash";
  }
  if (has_failed) return "";
  if (is_scrape && message["files"].size() != 1) return "another torrent";
  const json& counts = is_scrape ? message["files"].front() : message;
  const auto& [seeders, leechers, downloads] = expected.counts;
  const bool is_right = counts["complete"] == seeders && counts["incomplete"] == leechers &&
                        counts["downloaded"] == downloads;
  return is_right ? "" : fmt::format("not {}, {}, {}", seeders, leechers, downloads);
}

void WsJudge::leaves(const WsPeer& peer) {
  const auto session = sessions_.find(peer.stream);
  if (session == sessions_.end()) return;
  for (const auto& [info_hash, peer_id] : session->second.memberships) {
    model_.leave(torrent_of(peer, info_hash), peer_id, connection_of(peer));
  }
  sessions_.erase(session);
}

void WsJudge::expires(Seconds now) {
  model_.expire(now, [](const InfoHash&) { return true; });
}

void WsJudge::is_owed_nothing(const WsPeer& peer) {
  const auto session = sessions_.find(peer.stream);
  if (session != sessions_.end() && !session->second.owed.empty()) violation("no response");
}

swarm::Counts WsJudge::counts(const offers::Torrent& torrent) const {
  const auto found = model_.torrents.find({torrent.family, torrent.info_hash});
  return found == model_.torrents.end() ? swarm::Counts() : found->second.counts();
}

std::size_t WsJudge::peers() const {
  std::size_t sum = 0;
  for (const auto& [_, torrent] : model_.torrents) sum += torrent.peers.size();
  return sum;
}

void WsJudge::violation(const std::string& what) {
  if (violations_.size() < kMaxViolations) violations_.push_back(what);
}

}  // namespace aquatic::simulation
