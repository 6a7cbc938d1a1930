// SPDX-License-Identifier: Apache-2.0
// The torrents of one shard over one IP version.
//
// Numbered from 0 without gaps, in chunks of memory that never move. Adding appends; removing moves
// the last torrent into the gap. Not thread-safe, but for prefetch_slot(): the shard's lock guards
// it.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/info_hash.h"
#include "base/info_hash_hasher.h"
#include "swarm/peer_list.h"
#include "swarm/torrent_index.h"

namespace aquatic::swarm {

template <class Peer>
struct Torrent {
  InfoHash info_hash;
  std::uint32_t downloads = 0;
  PeerList<Peer> peers;
};
static_assert(sizeof(Torrent<PeerV4>) == 64 && sizeof(Torrent<PeerV6>) == 72);
static_assert(sizeof(Torrent<PeerV4WithId>) == 88 && sizeof(Torrent<PeerV6WithId>) == 112);

template <class Peer>
class TorrentTable {
 public:
  std::uint32_t size() const noexcept { return size_; }
  Torrent<Peer>& operator[](std::uint32_t number) noexcept { return at(number); }
  const Torrent<Peer>& operator[](std::uint32_t number) const noexcept { return at(number); }

  // Without what the lists of peers have beside themselves.
  std::size_t memory_bytes() const noexcept {
    return index_.memory_bytes() + chunks_.size() * sizeof(Chunk);
  }

  // `hash` is InfoHashHasher::table() of the info hash.
  Torrent<Peer>* find(const InfoHash& info_hash, std::uint64_t hash) const noexcept;
  Torrent<Peer>& find_or_add(const InfoHash& info_hash, std::uint64_t hash) noexcept;
  // Returns what the torrent had, so that it can be freed at leisure. Requires: number < size().
  PeerList<Peer> remove(std::uint32_t number, const InfoHashHasher& hasher) noexcept;

  // Hints to load what find() reads first, and then, and what lies behind a torrent. Two torrents
  // that the index cannot tell apart are too rare to be looked at.
  void prefetch_slot(std::uint64_t hash) const noexcept { index_.prefetch(hash); }
  void prefetch_torrent(std::uint64_t hash) const noexcept;
  void prefetch_peers(std::uint64_t hash) const noexcept;

 private:
  // A page of IPv4 torrents: small beside a full shard, rare to allocate.
  static constexpr std::uint32_t kChunkTorrents = 64;
  struct alignas(64) Chunk {
    std::array<Torrent<Peer>, kChunkTorrents> torrents;
  };

  // The first torrent that may be meant, or nullptr.
  const Torrent<Peer>* guess(std::uint64_t hash) const noexcept;
  Torrent<Peer>& at(std::uint32_t number) const noexcept {
    return chunks_[number / kChunkTorrents]->torrents[number % kChunkTorrents];
  }

  TorrentIndex index_;
  std::uint32_t size_ = 0;
  std::vector<std::unique_ptr<Chunk>> chunks_;
};

extern template class TorrentTable<PeerV4>;
extern template class TorrentTable<PeerV6>;
extern template class TorrentTable<PeerV4WithId>;
extern template class TorrentTable<PeerV6WithId>;

}  // namespace aquatic::swarm
