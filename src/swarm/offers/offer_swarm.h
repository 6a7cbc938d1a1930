// SPDX-License-Identifier: Apache-2.0
// Who signals to whom: the torrents of WebTorrent, whose peers are connections to the tracker.
//
// A peer makes offers; the swarm chooses who gets them and remembers each until it is answered or
// too old, so that nobody can answer what he was not offered. A peer is his peer id in a torrent of
// a family. Torrents are spread over shards by a keyed hash, each shard with its own small lock, so
// any thread may call anything.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/expected.h"
#include "base/info_hash.h"
#include "base/info_hash_hasher.h"
#include "base/random.h"
#include "swarm/announcement.h"
#include "swarm/expiry_pace.h"
#include "swarm/offers/signalling.h"
#include "swarm/torrent_sizes.h"

namespace aquatic::offers {

class OfferShard;
struct Rules;

struct Options {
  Seconds max_peer_age_s = 180;    // A peer that has not announced for longer is gone.
  Seconds max_offer_age_s = 120;   // An offer that is older cannot be answered.
  Seconds expire_interval_s = 30;  // How often each torrent is looked at by expire_some().
  // Offers of one peer that wait for an answer in one torrent; the oldest makes room.
  std::uint32_t max_pending_offers = 64;
  std::uint32_t shard_count = 256;  // Per family; a power of two.
  std::uint64_t hash_seed = 0;      // Secret in production, fixed in tests.
  bool surveys_sizes = false;       // For torrent_sizes().
};

class OfferSwarm {
 public:
  explicit OfferSwarm(const Options& options);
  ~OfferSwarm();
  OfferSwarm(const OfferSwarm&) = delete;
  OfferSwarm& operator=(const OfferSwarm&) = delete;

  // Remembers the peer, or forgets him if he stopped, and chooses who gets his offers: offer i goes
  // to the peer whose connection is receivers[i]. As many as there are offers, room in `receivers`
  // and other peers to take them, all distinct, at random; a leecher's go to seeders first, a
  // seeder's to leechers only. Nobody gets his own, nor does another peer of his connection. Peers
  // that are too old are nobody. A peer who stopped makes no offers, and creates no torrent.
  // The counts include the peer himself, as is usual in WebTorrent.
  // A peer id that another connection uses is refused, unless that one is of the same IP address:
  // then this is the same program, come back, and the peer is this connection's from now on.
  Expected<Announced, Refusal> announce(const Torrent& torrent, const Announcement& announcement,
                                        std::span<const OfferId> offers, Seconds now,
                                        std::span<Connection> receivers, Random& random) noexcept;

  // Takes the answer to an offer and tells which connection it has to go to. Once for each offer.
  Expected<Connection, AnswerError> answer(const Torrent& torrent, const Answer& answer,
                                           Seconds now) noexcept;

  // Zeros for an unknown torrent. Peers that are too old may be counted until their turn to expire
  // has come.
  swarm::Counts scrape(const Torrent& torrent) const noexcept;

  // All torrents of a family, some at a time: see swarm::Swarm::scrape_some().
  std::size_t scrape_some(Family family, swarm::ScrapeCursor& cursor,
                          std::span<swarm::TorrentCounts> out) const noexcept;

  // Forgets a peer whose connection is gone, and his offers; does nothing if the peer id is another
  // connection's by now. A torrent without peers is forgotten at once, and with it the count of
  // downloads.
  void leave(const Torrent& torrent, const PeerId& peer_id, const Connection& connection) noexcept;

  // Drops peers and offers that are too old, and torrents that may not stay, wherever their turn
  // has come; called about once a second, it gets through everything in expire_interval_s. Holds no
  // lock for longer than some hundred peers take. One thread at a time.
  void expire_some(Seconds now, const swarm::KeepTorrent& keep);
  // The same for everything at once.
  void expire_all(Seconds now, const swarm::KeepTorrent& keep);

  // How many peers torrents have: see swarm::Swarm::torrent_sizes().
  const swarm::TorrentSizes* torrent_sizes(Family family) const noexcept;

  // Sums over the shards; each term is exact, the sum is of slightly different moments.
  Totals totals(Family family) const noexcept;

 private:
  OfferShard& shard_of(const Torrent& torrent) const noexcept;
  // Expires the next `count` shards.
  void expire_next(std::uint32_t count, Seconds now, const swarm::KeepTorrent& keep);

  const Options options_;
  const std::unique_ptr<const Rules> rules_;  // Where the shards find them.
  const InfoHashHasher hasher_;
  const std::unique_ptr<OfferShard[]> shards_;  // Those of IPv4, then those of IPv6.

  swarm::ExpiryPace pace_;                           // Of both families.
  const std::unique_ptr<swarm::SizeSurvey> survey_;  // Null where it is not asked for.
};

}  // namespace aquatic::offers
