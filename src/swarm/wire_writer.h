// SPDX-License-Identifier: Apache-2.0
// Fills the room for peers in a response and, next to it, that for their ids.
#pragma once
#include <cstddef>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "base/check.h"
#include "base/info_hash.h"
#include "swarm/peer_clock.h"

namespace aquatic::swarm {

template <class Peer>
class WireWriter {
 public:
  // Leaves the ids out where there is no room for them, or where peers are kept without.
  WireWriter(MutableBytes room, std::span<PeerId> ids) noexcept
      : begin_(room.data()), at_(room.data()), ids_(ids) {}

  std::size_t bytes() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

  // Requires: room for `count` more peers.
  void append(const Peer* peers, std::size_t count) noexcept {
    if (count == 0) return;
    if constexpr (requires { peers->id; }) append_ids(peers, count);
    // A peer with his tick is copied faster than his odd number of wire bytes; the surplus is
    // overwritten by the next one. Only the last must not write beyond.
    std::byte* at = at_;  // What is written might be at_, for all that the compiler knows.
    for (std::size_t i = 0; i + 1 < count; ++i, at += Peer::kWireBytes) {
      std::memcpy(at, peers + i, kCopiedBytes);
    }
    std::memcpy(at, peers + count - 1, Peer::kWireBytes);
    at_ = at + Peer::kWireBytes;
  }

 private:
  static constexpr std::size_t kCopiedBytes = Peer::kWireBytes + sizeof(Tick);
  static_assert(kCopiedBytes <= sizeof(Peer) && kCopiedBytes <= 2 * Peer::kWireBytes);

  void append_ids(const Peer* peers, std::size_t count) noexcept {
    if (ids_.empty()) return;
    DCHECK(count <= ids_.size());
    for (std::size_t i = 0; i < count; ++i) ids_[i] = peers[i].id;
    ids_ = ids_.subspan(count);
  }

  std::byte* begin_;
  std::byte* at_;
  std::span<PeerId> ids_;
};

}  // namespace aquatic::swarm
