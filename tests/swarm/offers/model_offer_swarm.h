// SPDX-License-Identifier: Apache-2.0
// An offer swarm that is too simple to be wrong: maps, and no thought of speed. Who gets an offer
// is chance, so it only knows who may, and is told who did.
#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "swarm/offers/offer_swarm.h"

namespace aquatic::offers {

struct ModelPeer {
  struct Offer {
    OfferId id;
    std::set<PeerId> receivers;  // One of them, where a connection has several.
    Seconds made_at;
  };
  Connection connection;
  IpAddress ip;
  bool is_seeder = false;
  Seconds announced_at = 0;
  std::vector<Offer> offers = {};
};

struct ModelTorrent {
  std::map<PeerId, ModelPeer> peers;
  std::uint32_t downloads = 0;

  swarm::Counts counts() const {
    const auto seeders = std::ranges::count_if(peers, [](auto& p) { return p.second.is_seeder; });
    return {static_cast<std::uint32_t>(seeders),
            static_cast<std::uint32_t>(std::ssize(peers) - seeders), downloads};
  }
};

class ModelOfferSwarm {
 public:
  explicit ModelOfferSwarm(const Options& options) : options_(options) {}

  // The counts of the torrent then; nothing where it is refused.
  std::optional<swarm::Counts> announce(const Torrent& where, const Announcement& said,
                                        Seconds now) {
    ModelTorrent& torrent = torrents[{where.family, where.info_hash}];
    std::erase_if(torrent.peers, [&](auto& peer) {
      return peer.first == said.peer_id && is_old(peer.second, now);
    });
    const auto known = torrent.peers.find(said.peer_id);
    ModelPeer peer = {said.connection, said.ip, said.status == swarm::Status::seeder, now};
    const bool was_seeder = known != torrent.peers.end() && known->second.is_seeder;
    if (known != torrent.peers.end()) {
      const bool is_same = known->second.connection == said.connection;
      if (!is_same && known->second.ip != said.ip) return std::nullopt;
      if (is_same) peer.offers = std::move(known->second.offers);
    }
    torrent.downloads += said.completed && peer.is_seeder && !was_seeder;
    torrent.peers.erase(said.peer_id);
    if (said.status != swarm::Status::stopped) torrent.peers[said.peer_id] = peer;
    const swarm::Counts counts = torrent.counts();
    drop_empty();
    return counts;
  }

  ModelPeer* find(const Torrent& where, const PeerId& id) {
    const auto torrent = torrents.find({where.family, where.info_hash});
    if (torrent == torrents.end()) return nullptr;
    const auto peer = torrent->second.peers.find(id);
    return peer == torrent->second.peers.end() ? nullptr : &peer->second;
  }

  void offer(ModelPeer& from, const ModelPeer::Offer& offer) {
    std::erase_if(from.offers, [&](auto& old) { return is_old(old, offer.made_at); });
    from.offers.push_back(offer);
    if (from.offers.size() > options_.max_pending_offers) from.offers.erase(from.offers.begin());
  }

  void leave(const Torrent& where, const PeerId& id, const Connection& connection) {
    auto& peers = torrents[{where.family, where.info_hash}].peers;
    const auto peer = peers.find(id);
    if (peer != peers.end() && peer->second.connection == connection) peers.erase(peer);
    drop_empty();
  }

  void expire(Seconds now, const swarm::KeepTorrent& keep) {
    for (auto& [_, torrent] : torrents) {
      std::erase_if(torrent.peers, [&](auto& peer) { return is_old(peer.second, now); });
    }
    std::erase_if(torrents, [&](auto& torrent) { return !keep(torrent.first.second); });
    drop_empty();
  }

  bool is_old(const ModelPeer& peer, Seconds now) const {
    return now > peer.announced_at + options_.max_peer_age_s;
  }
  bool is_old(const ModelPeer::Offer& offer, Seconds now) const {
    return now > offer.made_at + options_.max_offer_age_s;
  }

  std::map<std::pair<Family, InfoHash>, ModelTorrent> torrents;

 private:
  void drop_empty() {
    std::erase_if(torrents, [](auto& torrent) { return torrent.second.peers.empty(); });
  }

  const Options options_;
};

}  // namespace aquatic::offers
