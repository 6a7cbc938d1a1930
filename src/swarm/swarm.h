// SPDX-License-Identifier: Apache-2.0
// Who shares what: every torrent and its peers, for UDP and HTTP alike.
//
// IPv4 and IPv6 peers of a torrent are separate lists. A peer is his source address and announced
// port. Torrents are spread over shards by a keyed hash, each shard with its own small lock, so
// any thread may call anything.
//
// A caller with several requests at hand locates them all, then calls prefetch_slot for all, then
// prefetch_torrent, then prefetch_peers, and only then announce or scrape: each step starts to load
// what the next one reads, so that cache misses overlap. Every prefetch is a hint; leaving one out
// changes nothing but speed.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/info_hash.h"
#include "base/info_hash_hasher.h"
#include "base/random.h"
#include "swarm/announcement.h"
#include "swarm/expiry_pace.h"
#include "swarm/peer_clock.h"
#include "swarm/stored_peer.h"
#include "swarm/torrent_sizes.h"

namespace aquatic::swarm {

template <class Peer>
class Shard;

struct Options {
  Seconds max_peer_age_s = 1200;     // A peer that has not announced for longer is gone.
  Seconds expire_interval_s = 120;   // How often each torrent is looked at by expire_some().
  std::uint32_t shard_count = 1024;  // Per family; a power of two, far above that of workers.
  std::uint64_t hash_seed = 0;       // Secret in production, fixed in tests.
  bool keeps_peer_ids = false;       // At 20 bytes a peer.
  bool surveys_sizes = false;        // For torrent_sizes(); a few counts for each expiry.
};

class Swarm {
 public:
  explicit Swarm(const Options& options);
  ~Swarm();
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  TorrentKey locate(Family family, const InfoHash& info_hash) const noexcept;
  void prefetch_slot(const TorrentKey& key) const noexcept;
  void prefetch_torrent(const TorrentKey& key) const noexcept;
  void prefetch_peers(const TorrentKey& key) const noexcept;

  // Forgets what the peer said before, fills `peers` with random others in wire format (address
  // and port, 6 or 18 bytes each), then remembers him unless he stopped. In this order no response
  // has to leave out the peer it is for. Fills exactly as many as fit or are there, all distinct,
  // each about equally likely, seeders and leechers alike. Costs the same in a swarm of any size.
  // A stopped peer of an unknown torrent creates nothing.
  // Where the swarm keeps peer ids, those of the same peers go to `peer_ids`, in the same order.
  // Requires: `peer_ids` is empty or has room for as many peers as `peers` has.
  Announced announce(const TorrentKey& key, const Announcement& announcement, Seconds now,
                     MutableBytes peers, Random& random, std::span<PeerId> peer_ids = {}) noexcept;

  // Zeros for an unknown torrent.
  Counts scrape(const TorrentKey& key) const noexcept;

  // All torrents of a family, some at a time: fills `out` and returns how many there were; none
  // means that the cursor is at the end. A torrent that comes, goes or moves meanwhile may be
  // missing or come twice. Holds each lock for no more torrents than fit into `out`. Requires: room
  // for one.
  std::size_t scrape_some(Family family, ScrapeCursor& cursor,
                          std::span<TorrentCounts> out) const noexcept;

  // Drops peers that have not announced within max_peer_age_s, torrents without peers (and with
  // them their count of downloads) and torrents that may not stay, wherever their turn has come:
  // called about once a second, it gets through all shards in expire_interval_s; called later, it
  // makes up for it, by one whole pass at the most. A peer whose age is max_peer_age_s stays. See
  // PeerClock for ages of many hours. Holds no lock for longer than some hundred peers take.
  // One thread at a time.
  void expire_some(Seconds now, const KeepTorrent& keep);
  // The same for everything at once.
  void expire_all(Seconds now, const KeepTorrent& keep);

  // How many peers torrents have, from the last pass of expiry through all of the family. Null
  // before the first has ended, and where Options does not ask for it. By the thread that expires;
  // valid until it expires again.
  const TorrentSizes* torrent_sizes(Family family) const noexcept;

  // Sums over the shards; each term is exact, the sum is of slightly different moments.
  Totals totals(Family family) const noexcept;

  // The shard of an info hash is steer(info_hash) mod shard_count: see InfoHashHasher.
  std::uint32_t shard_count() const noexcept;

 private:
  // Calls use(shard) with the shard of this number and family.
  template <class Use>
  auto with_shard(Family family, std::uint32_t shard, Use use) const noexcept;
  // Expires the next `count` shards; those of IPv4 are before those of IPv6.
  void expire_next(std::uint32_t count, Seconds now, const KeepTorrent& keep);

  const InfoHashHasher hasher_;
  const PeerClock clock_;
  const std::uint32_t shard_count_;
  const bool keeps_peer_ids_;
  // The first two or the last two are there.
  const std::unique_ptr<Shard<PeerV4>[]> v4_;
  const std::unique_ptr<Shard<PeerV6>[]> v6_;
  const std::unique_ptr<Shard<PeerV4WithId>[]> v4_with_ids_;
  const std::unique_ptr<Shard<PeerV6WithId>[]> v6_with_ids_;

  ExpiryPace pace_;                           // Of both families.
  const std::unique_ptr<SizeSurvey> survey_;  // Null where it is not asked for.
};

}  // namespace aquatic::swarm
