// SPDX-License-Identifier: Apache-2.0
// A group of peers in one piece of heap memory that fits it closely.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "swarm/peer_group.h"

namespace aquatic::swarm {

template <class Peer>
class PeerBlock {
 public:
  PeerBlock() noexcept = default;
  PeerBlock(PeerBlock&& other) noexcept { swap(other); }
  PeerBlock& operator=(PeerBlock&& other) noexcept {
    PeerBlock(std::move(other)).swap(*this);
    return *this;
  }
  ~PeerBlock() { std::free(peers_); }

  PeerGroup<Peer> group() noexcept { return {peers_, counts_}; }
  const Peer* peers() const noexcept { return peers_; }
  std::uint32_t size() const noexcept { return counts_.size; }
  std::uint32_t seeders() const noexcept { return counts_.seeders; }

  // Requires: a peer that is not here yet.
  void insert(const Peer& peer, bool is_seeder) noexcept {
    if (counts_.size == capacity_) reallocate(capacity_for(counts_.size + 1u));
    group().insert(peer, is_seeder);
  }

  // Makes room for `count` peers in all.
  void reserve(std::uint32_t count) noexcept {
    if (count > capacity_) reallocate(capacity_for(count));
  }

  // Gives memory back, unless it is so little that the next peers would ask for it again.
  void shrink() noexcept {
    const std::uint32_t needed = counts_.size == 0 ? 0 : capacity_for(counts_.size);
    if (needed + kStep < capacity_ || needed == 0) reallocate(needed);
  }

 private:
  static constexpr std::uint32_t kStep = 4;

  // One less than a multiple of the step: with the allocator's own word it fills whole units.
  static constexpr std::uint32_t capacity_for(std::uint32_t count) noexcept {
    return (count / kStep + 1) * kStep - 1;
  }

  void reallocate(std::uint32_t capacity) noexcept {
    CHECK(capacity <= UINT16_MAX);  // Far beyond what a keyed hash lets into one bucket.
    if (capacity == 0) {
      std::free(std::exchange(peers_, nullptr));
    } else {
      peers_ =
          static_cast<Peer*>(std::realloc(static_cast<void*>(peers_), capacity * sizeof(Peer)));
      CHECK(peers_ != nullptr);
    }
    capacity_ = static_cast<std::uint16_t>(capacity);
  }

  void swap(PeerBlock& other) noexcept {
    std::swap(counts_, other.counts_);
    std::swap(capacity_, other.capacity_);
    std::swap(peers_, other.peers_);
  }

  GroupCounts counts_;
  std::uint16_t capacity_ = 0;
  Peer* peers_ = nullptr;
};

}  // namespace aquatic::swarm
