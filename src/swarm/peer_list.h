// SPDX-License-Identifier: Apache-2.0
// The peers of one torrent over one IP version.
//
// Three forms, by size, each as small as it can be:
//   inlined  a few peers right here, without heap memory: most torrents
//   block    up to 64 in one piece of heap memory, searched from end to end
//   table    any number, in hashed buckets
// A list grows when it has to and shrinks back only at half of that. Not thread-safe: the shard's
// lock guards it.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/random.h"
#include "swarm/peer_block.h"
#include "swarm/peer_table.h"

namespace aquatic::swarm {

template <class Peer>
class PeerList {
 public:
  // What fits into the cache line of a torrent's entry, or hardly more.
  static constexpr std::uint32_t kMaxInlined = 32 / sizeof(Peer) > 2 ? 32 / sizeof(Peer) : 2;
  static constexpr std::uint32_t kMaxBlock = 64;

  PeerList() noexcept : inlined_() {}
  PeerList(PeerList&& other) noexcept;
  PeerList& operator=(PeerList&& other) noexcept;
  ~PeerList() { destroy(); }

  std::uint32_t size() const noexcept;
  std::uint32_t seeders() const noexcept;

  // What it has beside itself, to a few percent.
  std::size_t heap_bytes() const noexcept;

  // Says what the peer was.
  Presence remove(const Peer& peer) noexcept;
  // The secret decides where the peers of a big swarm lie. Requires: a peer that is not here yet.
  void insert(const Peer& peer, bool is_seeder, std::uint64_t secret) noexcept;
  // Fills `room` with random peers, each equally likely, as many as fit or are there, and `ids`
  // with their ids, as far as there are any. Returns the number of bytes. Requires: `ids` is empty
  // or has room for as many peers.
  std::size_t pick(MutableBytes room, Random& random, std::span<PeerId> ids = {}) noexcept;

  // Expiry goes through a list part by part, from the last to the first; none has more than some
  // dozens of peers. Drops the silent ones of a part and returns how many it looked at.
  std::uint32_t expire(std::uint32_t part, AgeLimit limit) noexcept;
  std::uint32_t part_count() const noexcept;

  // A hint to load what remove() and pick() will read first.
  void prefetch() const noexcept;
  // Whether it takes long to free.
  bool is_table() const noexcept { return form_ == Form::table; }

 private:
  enum class Form : std::uint16_t { inlined, block, table };
  using Inlined = std::array<Peer, kMaxInlined>;
  using Block = PeerBlock<Peer>;
  using Table = std::unique_ptr<PeerTable<Peer>>;

  PeerGroup<Peer> inlined_group() noexcept { return {inlined_.data(), counts_}; }
  void become(Inlined&& inlined, GroupCounts counts) noexcept;
  void become(Block&& block) noexcept;
  void become(Table&& table) noexcept;
  void grow(std::uint64_t secret) noexcept;
  void shrink() noexcept;
  void destroy() noexcept;

  GroupCounts counts_;  // Of the inlined peers; the other forms count for themselves.
  Form form_ = Form::inlined;
  union {
    Inlined inlined_;
    Block block_;
    Table table_;
  };
};

extern template class PeerList<PeerV4>;
extern template class PeerList<PeerV6>;
extern template class PeerList<PeerV4WithId>;
extern template class PeerList<PeerV6WithId>;

}  // namespace aquatic::swarm
