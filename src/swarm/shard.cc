// SPDX-License-Identifier: Apache-2.0
#include "swarm/shard.h"

#include <algorithm>
#include <mutex>
#include <thread>

namespace aquatic::swarm {
namespace {

// How much expiry does in one hold of the lock: a microsecond or two. The unit is a peer to look
// at; each torrent costs some more.
constexpr std::uint32_t kWorkPerHold = 512;
constexpr std::uint32_t kWorkPerTorrent = 4;

void count_download(std::uint32_t& downloads) noexcept {
  if (downloads < UINT32_MAX) ++downloads;
}

}  // namespace

template <class Peer>
void Shard<Peer>::prefetch_torrent(const TorrentKey& key) const noexcept {
  // A hint is not worth waiting for.
  if (const std::unique_lock hold(lock_, std::try_to_lock); hold) {
    torrents_.prefetch_torrent(key.hash);
  }
}

template <class Peer>
void Shard<Peer>::prefetch_peers(const TorrentKey& key) const noexcept {
  if (const std::unique_lock hold(lock_, std::try_to_lock); hold) {
    torrents_.prefetch_peers(key.hash);
  }
}

template <class Peer>
Announced Shard<Peer>::announce(const TorrentKey& key, const Announcement& announcement, Tick now,
                                MutableBytes peers, Random& random,
                                std::span<PeerId> peer_ids) noexcept {
  const bool stays = announcement.status != Status::stopped;
  const bool is_seeder = announcement.status == Status::seeder;
  const Peer peer = Peer::from(announcement.peer, now, announcement.peer_id);
  const std::lock_guard hold(lock_);
  Torrent<Peer>* const torrent = stays ? &torrents_.find_or_add(key.info_hash, key.hash)
                                       : torrents_.find(key.info_hash, key.hash);
  if (torrent == nullptr) return {};

  PeerList<Peer>& list = torrent->peers;
  const Presence before = list.remove(peer);
  Announced announced;
  announced.seeders = list.seeders();
  announced.leechers = list.size() - announced.seeders;
  announced.peer_bytes = static_cast<std::uint32_t>(list.pick(peers, random, peer_ids));
  if (stays) list.insert(peer, is_seeder, key.hash);

  if (announcement.completed && is_seeder && before != Presence::seeder) {
    count_download(torrent->downloads);
  }
  announced.downloads = torrent->downloads;
  peer_count_ += stays;
  peer_count_ -= before != Presence::absent;
  return announced;
}

template <class Peer>
Counts Shard<Peer>::scrape(const TorrentKey& key) const noexcept {
  const std::lock_guard hold(lock_);
  const Torrent<Peer>* const torrent = torrents_.find(key.info_hash, key.hash);
  return torrent == nullptr ? Counts() : counts_of(*torrent);
}

template <class Peer>
std::size_t Shard<Peer>::scrape_some(std::uint32_t first,
                                     std::span<TorrentCounts> out) const noexcept {
  const std::lock_guard hold(lock_);
  if (first >= torrents_.size()) return 0;
  const std::size_t count = std::min<std::size_t>(out.size(), torrents_.size() - first);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Torrent<Peer>& torrent = torrents_[first + i];
    out[i] = {torrent.info_hash, counts_of(torrent)};
  }
  return count;
}

template <class Peer>
Counts Shard<Peer>::counts_of(const Torrent<Peer>& torrent) noexcept {
  const std::uint32_t seeders = torrent.peers.seeders();
  return {seeders, torrent.peers.size() - seeders, torrent.downloads};
}

template <class Peer>
Totals Shard<Peer>::totals() const noexcept {
  const std::lock_guard hold(lock_);
  return {.torrents = torrents_.size(),
          .peers = peer_count_,
          .memory_bytes = sizeof(*this) + torrents_.memory_bytes() + list_bytes_};
}

template <class Peer>
void Shard<Peer>::expire(AgeLimit limit, const KeepTorrent& keep, const InfoHashHasher& hasher,
                         TorrentSizes* sizes) noexcept {
  Rest rest;
  for (;;) {
    {
      const PeerList<Peer> freed_without_lock = expire_some(rest, limit, keep, hasher, sizes);
    }
    if (rest.torrents == 0) break;
    // Whoever takes the lock back at once can keep others from it for long.
    std::this_thread::yield();
  }
}

template <class Peer>
PeerList<Peer> Shard<Peer>::expire_some(Rest& rest, AgeLimit limit, const KeepTorrent& keep,
                                        const InfoHashHasher& hasher,
                                        TorrentSizes* sizes) noexcept {
  const std::lock_guard hold(lock_);
  rest.torrents = std::min(rest.torrents, torrents_.size());
  std::uint32_t work = 0;
  while (rest.torrents > 0 && work < kWorkPerHold) {
    Torrent<Peer>& torrent = torrents_[rest.torrents - 1];
    const bool may_stay = keep(torrent.info_hash);
    if (may_stay && !expire_parts(torrent.peers, rest.parts, work, limit)) break;
    --rest.torrents;
    rest.parts = UINT32_MAX;
    work += kWorkPerTorrent;
    if (may_stay && torrent.peers.size() > 0) {
      rest.list_bytes += torrent.peers.heap_bytes();
      if (sizes != nullptr) sizes->add(torrent.peers.size());
      continue;
    }
    peer_count_ -= torrent.peers.size();
    PeerList<Peer> dropped = torrents_.remove(rest.torrents, hasher);
    if (dropped.is_table()) return dropped;
  }
  if (rest.torrents == 0) list_bytes_ = rest.list_bytes;
  return {};
}

// Returns whether it came to the end of the list.
template <class Peer>
bool Shard<Peer>::expire_parts(PeerList<Peer>& list, std::uint32_t& parts_left, std::uint32_t& work,
                               AgeLimit limit) noexcept {
  const std::uint32_t size_before = list.size();
  // Parts may be merged on the way.
  while ((parts_left = std::min(parts_left, list.part_count())) > 0 && work < kWorkPerHold) {
    work += list.expire(--parts_left, limit);
  }
  peer_count_ -= size_before - list.size();
  return parts_left == 0;
}

template class Shard<PeerV4>;
template class Shard<PeerV6>;
template class Shard<PeerV4WithId>;
template class Shard<PeerV6WithId>;

}  // namespace aquatic::swarm
