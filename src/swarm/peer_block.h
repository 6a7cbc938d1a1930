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

  std::size_t heap_bytes() const noexcept { return capacity_ * sizeof(Peer); }

  // A hint to load all of it.
  void prefetch() const noexcept {
    const auto* bytes = reinterpret_cast<const std::byte*>(peers_);
    const std::size_t length = counts_.size * sizeof(Peer);
    for (std::size_t at = 0; at < length; at += kCacheLineBytes) __builtin_prefetch(bytes + at);
  }

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
    if (needed == 0 || capacity_for(needed + 1) < capacity_) reallocate(needed);
  }

 private:
  static constexpr std::size_t kCacheLineBytes = 64;
  // Memory is asked for in steps of this many bytes, less what the allocator adds for itself.
  static constexpr std::uint32_t kStepBytes = 32;
  static constexpr std::uint32_t kAllocatorBytes = 8;

  // As many peers as there is room for where `count` fit.
  static constexpr std::uint32_t capacity_for(std::uint32_t count) noexcept {
    const auto bytes = static_cast<std::uint32_t>(count * sizeof(Peer)) + kAllocatorBytes;
    const std::uint32_t steps = (bytes + kStepBytes - 1) / kStepBytes;
    return static_cast<std::uint32_t>((steps * kStepBytes - kAllocatorBytes) / sizeof(Peer));
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
