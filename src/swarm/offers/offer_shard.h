// SPDX-License-Identifier: Apache-2.0
// Some of the torrents of an offer swarm, behind one lock. See OfferSwarm for what its functions
// do. Any thread may call anything.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "base/info_hash.h"
#include "base/random.h"
#include "swarm/announcement.h"
#include "swarm/offers/offer_torrent.h"
#include "swarm/offers/signalling.h"
#include "swarm/shard_lock.h"
#include "swarm/torrent_sizes.h"

namespace aquatic::offers {

class alignas(64) OfferShard {
 public:
  OfferShard();
  ~OfferShard();

  // Before anything else. `rules` outlives the shard.
  void begin(const Rules& rules, std::uint64_t hash_seed);

  Expected<Announced, Refusal> announce(const InfoHash& info_hash, const Announcement& announcement,
                                        std::span<const OfferId> offers, Seconds now,
                                        std::span<Connection> receivers, Random& random) noexcept;
  Expected<Connection, AnswerError> answer(const InfoHash& info_hash, const Answer& answer,
                                           Seconds now) noexcept;
  void leave(const InfoHash& info_hash, const PeerId& peer_id,
             const Connection& connection) noexcept;

  swarm::Counts scrape(const InfoHash& info_hash) const noexcept;
  // Fills `out` with torrents from number `first` on and returns how many there were.
  std::size_t scrape_some(std::size_t first, std::span<swarm::TorrentCounts> out) const noexcept;
  Totals totals() const noexcept;

  // Drops what is too old and torrents that may not stay. Lets others in between, often. One thread
  // at a time. Adds what is left to `sizes`, unless it is null.
  void expire(Seconds now, const swarm::KeepTorrent& keep,
              swarm::TorrentSizes* sizes = nullptr) noexcept;

 private:
  struct Table;
  // What expiry has still to do: torrents below this number, the topmost only below this position.
  // A torrent that moves meanwhile may have to wait for the next pass.
  struct Rest {
    std::size_t torrents = SIZE_MAX;
    OfferTorrent::Position peers = UINT32_MAX;
    std::size_t offer_bytes = 0;  // Of those that have been looked at.
  };

  OfferTorrent* find(const InfoHash& info_hash) const noexcept;
  OfferTorrent& find_or_add(const InfoHash& info_hash);
  void drop_if_empty(const OfferTorrent& torrent) noexcept;
  void drop_at(std::size_t number) noexcept;

  // Null if there is none; drops one that is too old.
  OfferTorrent::Peer* find_current(OfferTorrent& torrent, const PeerId& peer_id, Seconds now);
  // The peer's place in the torrent after his announce, null if he stopped or never was there.
  OfferTorrent::Peer* update(OfferTorrent& torrent, OfferTorrent::Peer* peer,
                             const Announcement& announcement, Seconds now);
  // Chooses who gets the offers and remembers them.
  std::size_t offer(OfferTorrent& torrent, const Announcement& announcement,
                    std::span<const OfferId> offers, Seconds now, std::span<Connection> receivers,
                    Random& random);
  // Holds the lock once.
  void expire_some(Rest& rest, Seconds now, const swarm::KeepTorrent& keep,
                   swarm::TorrentSizes* sizes) noexcept;
  // Calls change() and brings the totals in line with what it did to the torrent.
  template <class Change>
  auto counted(OfferTorrent& torrent, Change change);

  mutable swarm::ShardLock lock_;
  const Rules* rules_ = nullptr;
  std::unique_ptr<Table> table_;
  std::uint64_t peer_count_ = 0;
  std::uint64_t seeder_count_ = 0;
  std::uint64_t torrent_bytes_ = 0;  // Of torrents and their peers.
  std::uint64_t offer_bytes_ = 0;    // As of the last expiry.
};

}  // namespace aquatic::offers
