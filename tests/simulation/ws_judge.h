// SPDX-License-Identifier: Apache-2.0
// What a WebTorrent tracker has to send, worked out the slow and obvious way from what its peers
// say, and held against what they hear.
//
// Told of everything in the order in which the tracker gets to see it. It parses what arrives with
// a library that the tracker does not use.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/ws/request.h"
#include "tests/support/ws/ws_rig.h"
#include "tests/swarm/offers/model_offer_swarm.h"

namespace aquatic::simulation {

// An offer that has arrived: what an answer to it needs.
struct HeardOffer {
  InfoHash info_hash;
  PeerId from;
  OfferId id;
};

class WsJudge {
 public:
  struct Options {
    offers::Options swarm;
    std::size_t max_offers = 10;
    bool joins_families = false;
    std::set<InfoHash> denied = {};
  };

  explicit WsJudge(const Options& options) : options_(options), model_(options.swarm) {}

  // What a peer is about to say.
  void announces(const server::WsPeer& peer, const ws::AnnounceRequest& request, Seconds now);
  void scrapes(const server::WsPeer& peer, const InfoHash& info_hash);
  void babbles(const server::WsPeer& peer);  // A message that is no request.
  // What has happened: he hears something, he is gone or nothing he says counts any more, time has
  // passed and the tracker has dropped what is too old.
  std::optional<HeardOffer> hears(const server::WsPeer& peer, std::string_view message);
  void leaves(const server::WsPeer& peer);
  void expires(Seconds now);
  // A peer who hears everything at once has heard all that he is owed.
  void is_owed_nothing(const server::WsPeer& peer);
  void violation(const std::string& what);

  swarm::Counts counts(const offers::Torrent& torrent) const;
  std::size_t peers() const;
  std::size_t bad_messages(const server::WsPeer& peer) {
    return sessions_[peer.stream].bad_messages;
  }

  // What was wrong, the first few; empty is good.
  const std::vector<std::string>& violations() const { return violations_; }
  std::uint64_t responses() const { return responses_; }
  std::uint64_t failures() const { return failures_; }
  std::uint64_t offers_heard() const { return offers_heard_; }
  std::uint64_t answers_heard() const { return answers_heard_; }
  std::uint64_t offers_due() const { return offers_.size(); }
  std::uint64_t answers_due() const { return answers_.size(); }

  // Session descriptions are made from the id of the offer, so that they can be checked.
  static std::string sdp_of(const OfferId& id, std::string_view type);
  static std::string sdp_json_of(const OfferId& id, std::string_view type);

 private:
  struct Owed {
    enum class Kind { announce, scrape, failure };
    Kind kind;
    std::optional<InfoHash> info_hash = {};
    swarm::Counts counts = {};
  };
  struct Session {
    std::map<InfoHash, PeerId> memberships;
    std::deque<Owed> owed;
    std::size_t bad_messages = 0;
  };
  struct Relay {
    InfoHash info_hash;
    PeerId from;
    net::StreamKey sender = 0;
    net::StreamKey receiver = 0;  // 0 is anybody but the sender.
    bool is_heard = false;
  };

  void answers(const server::WsPeer& peer, const ws::AnnounceRequest& request, Seconds now);
  // What is wrong with a message that has arrived; empty is good.
  std::string judge_relay(const server::WsPeer& peer, const nlohmann::json& message,
                          const std::string& type, std::map<OfferId, Relay>& relays);
  std::string judge_response(const server::WsPeer& peer, const nlohmann::json& message);
  HeardOffer note_offer(const server::WsPeer& peer, const nlohmann::json& message);
  bool is_refused(const Session& session, const ws::AnnounceRequest& request) const;
  void expects_offers(const server::WsPeer& peer, const ws::AnnounceRequest& request, Seconds now);
  std::size_t eligible(const offers::Torrent& where, const offers::Connection& self,
                       bool is_seeder) const;
  offers::Torrent torrent_of(const server::WsPeer& peer, const InfoHash& info_hash) const;

  const Options options_;
  offers::ModelOfferSwarm model_;
  std::unordered_map<net::StreamKey, Session> sessions_;
  std::map<OfferId, Relay> offers_;   // No two have the same id.
  std::map<OfferId, Relay> answers_;  // By what they answer.
  std::vector<std::string> violations_;
  std::uint64_t responses_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t offers_heard_ = 0;
  std::uint64_t answers_heard_ = 0;
};

}  // namespace aquatic::simulation
