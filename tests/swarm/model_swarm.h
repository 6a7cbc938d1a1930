// SPDX-License-Identifier: Apache-2.0
// A swarm that is too simple to be wrong: maps, and no thought of speed.
#pragma once
#include <map>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "swarm/announcement.h"

namespace aquatic::swarm {

class ModelSwarm {
 public:
  explicit ModelSwarm(Seconds max_peer_age_s) : max_peer_age_s_(max_peer_age_s) {}

  // Returns how many others there are.
  Counts announce(Family family, const InfoHash& info_hash, const Announcement& announcement,
                  Seconds now) {
    const bool is_known = torrents_.contains({family, info_hash});
    if (announcement.status == Status::stopped && !is_known) return {};
    Torrent& torrent = torrents_[{family, info_hash}];
    const bool was_seeder = torrent.seeders.erase(announcement.peer) > 0;
    torrent.leechers.erase(announcement.peer);
    const bool is_seeder = announcement.status == Status::seeder;
    torrent.downloads += announcement.completed && is_seeder && !was_seeder;
    const Counts others = counts_of(torrent);
    const Known known = {now, announcement.peer_id};
    if (is_seeder) torrent.seeders[announcement.peer] = known;
    if (announcement.status == Status::leecher) torrent.leechers[announcement.peer] = known;
    return others;
  }

  // The id that the peer gave last; none, if he is not there.
  std::optional<PeerId> peer_id(Family family, const InfoHash& info_hash,
                                const Endpoint& peer) const {
    const auto found = torrents_.find({family, info_hash});
    if (found == torrents_.end()) return std::nullopt;
    for (const Peers* peers : {&found->second.seeders, &found->second.leechers}) {
      if (const auto known = peers->find(peer); known != peers->end()) return known->second.id;
    }
    return std::nullopt;
  }

  std::map<InfoHash, Counts> scrape_all(Family family) const {
    std::map<InfoHash, Counts> all;
    for (const auto& [key, torrent] : torrents_) {
      if (key.first == family) all[key.second] = counts_of(torrent);
    }
    return all;
  }

  Counts scrape(Family family, const InfoHash& info_hash) const {
    const auto found = torrents_.find({family, info_hash});
    return found == torrents_.end() ? Counts() : counts_of(found->second);
  }

  void expire_all(Seconds now, const KeepTorrent& keep) {
    const auto is_silent = [&](const auto& peer) {
      return now - peer.second.announced_at > max_peer_age_s_;
    };
    for (auto& [_, torrent] : torrents_) {
      std::erase_if(torrent.seeders, is_silent);
      std::erase_if(torrent.leechers, is_silent);
    }
    std::erase_if(torrents_, [&](const auto& torrent) {
      const auto& [key, peers] = torrent;
      return (peers.seeders.empty() && peers.leechers.empty()) || !keep(key.second);
    });
  }

  Totals totals(Family family) const {
    Totals totals;
    for (const auto& [key, peers] : torrents_) {
      if (key.first != family) continue;
      ++totals.torrents;
      totals.peers += peers.seeders.size() + peers.leechers.size();
    }
    return totals;
  }

 private:
  struct Known {
    Seconds announced_at;
    PeerId id;
  };
  using Peers = std::map<Endpoint, Known>;
  struct Torrent {
    Peers seeders;
    Peers leechers;
    std::uint32_t downloads = 0;
  };

  static Counts counts_of(const Torrent& torrent) {
    return {static_cast<std::uint32_t>(torrent.seeders.size()),
            static_cast<std::uint32_t>(torrent.leechers.size()), torrent.downloads};
  }

  Seconds max_peer_age_s_;
  std::map<std::pair<Family, InfoHash>, Torrent> torrents_;
};

}  // namespace aquatic::swarm
