// SPDX-License-Identifier: Apache-2.0
#include "swarm/torrent_table.h"

#include <utility>

#include "base/check.h"

namespace aquatic::swarm {

template <class Peer>
Torrent<Peer>* TorrentTable<Peer>::find(const InfoHash& info_hash,
                                        std::uint64_t hash) const noexcept {
  const std::uint32_t number =
      index_.find(hash, [&](std::uint32_t n) { return at(n).info_hash == info_hash; });
  return number == TorrentIndex::kNone ? nullptr : &at(number);
}

template <class Peer>
Torrent<Peer>& TorrentTable<Peer>::find_or_add(const InfoHash& info_hash,
                                               std::uint64_t hash) noexcept {
  if (Torrent<Peer>* known = find(info_hash, hash)) return *known;
  if (size_ == chunks_.size() * kChunkTorrents) chunks_.push_back(std::make_unique<Chunk>());
  index_.insert(hash, size_);
  Torrent<Peer>& added = at(size_++);
  added.info_hash = info_hash;
  return added;
}

template <class Peer>
PeerList<Peer> TorrentTable<Peer>::remove(std::uint32_t number,
                                          const InfoHashHasher& hasher) noexcept {
  CHECK(number < size_);
  index_.remove(hasher.table(at(number).info_hash), number);
  PeerList<Peer> removed = std::move(at(number).peers);
  Torrent<Peer>& last = at(--size_);
  if (number != size_) {
    index_.renumber(hasher.table(last.info_hash), size_, number);
    at(number) = std::move(last);
  }
  last = Torrent<Peer>();
  // One spare chunk stays, so that coming and going at a border costs nothing.
  if (size_ + 2 * kChunkTorrents <= chunks_.size() * kChunkTorrents) chunks_.pop_back();
  return removed;
}

template <class Peer>
const Torrent<Peer>* TorrentTable<Peer>::guess(std::uint64_t hash) const noexcept {
  const std::uint32_t number = index_.find(hash, [](std::uint32_t) { return true; });
  return number == TorrentIndex::kNone ? nullptr : &at(number);
}

template <class Peer>
void TorrentTable<Peer>::prefetch_torrent(std::uint64_t hash) const noexcept {
  if (const Torrent<Peer>* torrent = guess(hash)) {
    const auto* bytes = reinterpret_cast<const std::byte*>(torrent);
    __builtin_prefetch(bytes);
    // An IPv6 torrent lies across two cache lines.
    if constexpr (sizeof(*torrent) > 64) __builtin_prefetch(bytes + sizeof(*torrent) - 1);
  }
}

template <class Peer>
void TorrentTable<Peer>::prefetch_peers(std::uint64_t hash) const noexcept {
  if (const Torrent<Peer>* torrent = guess(hash)) torrent->peers.prefetch();
}

template class TorrentTable<PeerV4>;
template class TorrentTable<PeerV6>;
template class TorrentTable<PeerV4WithId>;
template class TorrentTable<PeerV6WithId>;

}  // namespace aquatic::swarm
