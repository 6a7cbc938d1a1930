// SPDX-License-Identifier: Apache-2.0
// Who shares what: every torrent and its peers, for UDP and HTTP alike.
//
// IPv4 and IPv6 peers of a torrent are separate lists. A peer is his source address and announced
// port. Torrents are spread over shards by a keyed hash, each shard with its own small lock, so
// any thread may call anything.
//
// A caller with several requests at hand locates them all, then calls prefetch_slot for all, then
// prefetch_torrent, then prefetch_peers, and only then announce or scrape: each step's cache
// misses overlap. Every prefetch is a hint; leaving one out changes nothing but speed.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "base/info_hash.h"
#include "base/random.h"

namespace aquatic::swarm {

enum class Status : std::uint8_t { leecher, seeder, stopped };

struct Options {
  Seconds max_peer_age_s = 1200;      // A peer that has not announced for longer is gone.
  Seconds expire_interval_s = 120;    // How often each torrent is looked at by expire_some().
  std::uint32_t shard_count = 1024;   // Per family; a power of two, at least 256.
  std::uint64_t hash_seed = 0;        // Secret in production, fixed in tests.
};

// Where a torrent is or would be: computed once a request, good for ever.
struct TorrentKey {
  InfoHash info_hash;
  Family family = Family::ipv4;
  std::uint32_t shard = 0;
  std::uint64_t hash = 0;
};

struct Announcement {
  Endpoint peer;  // Its family is that of the torrent key.
  Status status = Status::leecher;
  bool completed = false;  // The peer says that it has just finished: counts a download once.
};

// Everybody but the announcing peer himself.
struct Announced {
  std::uint32_t seeders = 0;
  std::uint32_t leechers = 0;
  std::size_t peer_bytes = 0;  // Of `peers`, filled.
};

struct Counts {
  std::uint32_t seeders = 0;
  std::uint32_t leechers = 0;
  std::uint32_t downloads = 0;
};

// Of one family.
struct Totals {
  std::uint64_t torrents = 0;
  std::uint64_t peers = 0;
};

class Swarm {
 public:
  // Returns whether a torrent may stay; asked under a shard's lock, so it has to be quick.
  using KeepTorrent = std::function<bool(const InfoHash&)>;

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
  // each about equally likely. A stopped peer of an unknown torrent creates nothing.
  Announced announce(const TorrentKey& key, const Announcement& announcement, Seconds now,
                     MutableBytes peers, Random& random) noexcept;

  // Zeros for an unknown torrent.
  Counts scrape(const TorrentKey& key) const noexcept;

  // Drops peers that have not announced within max_peer_age_s, torrents without peers and torrents
  // that may not stay, wherever their turn has come: called about once a second, it gets through
  // all shards in expire_interval_s. Holds no lock for longer than a bounded number of peers.
  // One thread at a time.
  void expire_some(Seconds now, const KeepTorrent& keep);
  // The same for everything at once.
  void expire_all(Seconds now, const KeepTorrent& keep);

  // Sums over the shards; each term is exact, the sum is of slightly different moments.
  Totals totals(Family family) const noexcept;

  // The shard of an info hash is steer(info_hash) mod shard_count: see InfoHashHasher.
  std::uint32_t shard_count() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace aquatic::swarm
