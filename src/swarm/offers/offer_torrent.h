// SPDX-License-Identifier: Apache-2.0
// The peers of one torrent who signal to each other: seeders first, then leechers, in no order.
//
// Where there are many, an index finds a peer id. Not thread-safe: the shard's lock guards it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/info_hash.h"
#include "base/random.h"
#include "swarm/announcement.h"
#include "swarm/offers/peer_id_hasher.h"
#include "swarm/offers/pending_offers.h"
#include "swarm/offers/signalling.h"

namespace aquatic::offers {

// What holds for all torrents.
struct Rules {
  Seconds max_peer_age_s = 180;
  PendingOffers::Limits offers;
  PeerIdHasher hasher;
};

class OfferTorrent {
 public:
  struct Peer {
    PeerId peer_id;
    Seconds announced_at = 0;
    Connection connection;
    std::uint64_t ip_tag = 0;
    PendingOffers offers;  // His own, that others may answer.
  };
  using Position = std::uint32_t;  // Of a peer, until the next change.

  explicit OfferTorrent(const InfoHash& info_hash);
  ~OfferTorrent();

  const InfoHash& info_hash() const noexcept { return info_hash_; }
  std::size_t size() const noexcept { return peers_.size(); }
  std::size_t seeders() const noexcept { return seeder_count_; }
  swarm::Counts counts() const noexcept;
  // Of the torrent and its peers, to a few percent; not of the peers' offers.
  std::size_t memory_bytes() const noexcept;

  // Null if there is none. What it points to stays until the next change of the torrent.
  Peer* find(const PeerId& peer_id, const Rules& rules) noexcept;
  bool is_seeder(const Peer& peer) const noexcept;
  static bool is_expired(const Peer& peer, Seconds now, const Rules& rules) noexcept {
    return now > peer.announced_at && now - peer.announced_at > rules.max_peer_age_s;
  }

  // Requires: no such peer is there.
  Peer& add(Peer peer, bool is_seeder, const Rules& rules);
  // Requires: the peer is there. Any other may have moved.
  void remove(const Peer& peer, const Rules& rules);
  // Where the peer is afterwards. Requires: the peer is there.
  Peer& set_seeder(Peer& peer, bool is_seeder, const Rules& rules);

  // Fills `receivers` with random peers who may get offers of a peer of this connection, and
  // `tags` with those of the offers; returns how many. Drops some that it finds to be too old.
  struct Offering {
    const Connection& from;
    bool is_seeder;
    std::span<const OfferId> offers;
  };
  std::size_t choose(const Offering& offering, Seconds now, std::span<Connection> receivers,
                     std::span<PendingOffers::Tag> tags, Random& random, const Rules& rules);

  // Looks at `count` peers below `position` and drops what is too old; returns the position from
  // which to go on, 0 at the end. Adds what the offers that are left take to `offer_bytes`.
  Position expire(Position position, Position count, Seconds now, const Rules& rules,
                  std::size_t& offer_bytes);

  std::uint32_t downloads = 0;

 private:
  struct Index;

  // Chooses in one of the two groups, [begin, end).
  class Chooser;

  Position position_of(const Peer& peer) const noexcept {
    return static_cast<Position>(&peer - peers_.data());
  }
  void swap(Position a, Position b, const Rules& rules);
  void remove_at(Position position, const Rules& rules);
  void update_index(const Rules& rules);

  InfoHash info_hash_;
  std::uint32_t seeder_count_ = 0;
  std::vector<Peer> peers_;       // The first seeder_count_ seed.
  std::unique_ptr<Index> index_;  // Of large torrents: positions by peer id.
};

}  // namespace aquatic::offers
