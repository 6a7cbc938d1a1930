// SPDX-License-Identifier: Apache-2.0
// A part of the torrents of one IP version, with a lock of its own.
//
// Safe to use from any thread. Every operation but expire() holds the lock for a time that depends
// neither on the number of torrents nor on that of peers, the rare doubling of the index aside.
#pragma once
#include <cstdint>
#include <span>

#include "base/info_hash_hasher.h"
#include "base/random.h"
#include "swarm/announcement.h"
#include "swarm/peer_clock.h"
#include "swarm/shard_lock.h"
#include "swarm/torrent_sizes.h"
#include "swarm/torrent_table.h"

namespace aquatic::swarm {

// Two shards never share a cache line.
template <class Peer>
class alignas(64) Shard {
 public:
  // Hints to load what the operations below read first: the shard itself, then what it points to.
  void prefetch() const noexcept {
    __builtin_prefetch(this);
    __builtin_prefetch(reinterpret_cast<const std::byte*>(this + 1) - 1);
  }
  void prefetch_slot(const TorrentKey& key) const noexcept { torrents_.prefetch_slot(key.hash); }
  void prefetch_torrent(const TorrentKey& key) const noexcept;
  void prefetch_peers(const TorrentKey& key) const noexcept;

  // As in Swarm.
  Announced announce(const TorrentKey& key, const Announcement& announcement, Tick now,
                     MutableBytes peers, Random& random, std::span<PeerId> peer_ids) noexcept;
  Counts scrape(const TorrentKey& key) const noexcept;
  // Fills `out` with torrents from number `first` on and returns how many there were.
  std::size_t scrape_some(std::uint32_t first, std::span<TorrentCounts> out) const noexcept;
  Totals totals() const noexcept;

  // Drops silent peers, torrents without peers, and torrents that may not stay. Lets others in
  // between, often. One thread at a time. Adds what is left to `sizes`, unless it is null.
  void expire(AgeLimit limit, const KeepTorrent& keep, const InfoHashHasher& hasher,
              TorrentSizes* sizes = nullptr) noexcept;

 private:
  // What expiry has still to do: torrents below this number, the topmost only below this part.
  // Numbers stay valid without the lock, since only expiry removes torrents.
  struct Rest {
    std::uint32_t torrents = UINT32_MAX;
    std::uint32_t parts = UINT32_MAX;
    std::uint64_t list_bytes = 0;  // Of what it has done.
  };

  static Counts counts_of(const Torrent<Peer>& torrent) noexcept;
  // Holds the lock once. Returns what takes long to free.
  PeerList<Peer> expire_some(Rest& rest, AgeLimit limit, const KeepTorrent& keep,
                             const InfoHashHasher& hasher, TorrentSizes* sizes) noexcept;
  bool expire_parts(PeerList<Peer>& list, std::uint32_t& parts_left, std::uint32_t& work,
                    AgeLimit limit) noexcept;

  mutable ShardLock lock_;
  std::uint64_t peer_count_ = 0;
  std::uint64_t list_bytes_ = 0;  // What lists of peers had beside themselves at the last expiry.
  TorrentTable<Peer> torrents_;
};

extern template class Shard<PeerV4>;
extern template class Shard<PeerV6>;
extern template class Shard<PeerV4WithId>;
extern template class Shard<PeerV6WithId>;

}  // namespace aquatic::swarm
