// SPDX-License-Identifier: Apache-2.0
// Fills the room for peers in a response.
#pragma once
#include <cstddef>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace aquatic::swarm {

template <class Peer>
class WireWriter {
 public:
  explicit WireWriter(MutableBytes room) noexcept : begin_(room.data()), at_(room.data()) {}

  std::size_t bytes() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

  // Requires: room for `count` more peers.
  void append(const Peer* peers, std::size_t count) noexcept {
    if (count == 0) return;
    // A whole stored peer is copied faster than his odd number of wire bytes; the surplus is
    // overwritten by the next one. Only the last must not write beyond.
    for (std::size_t i = 0; i + 1 < count; ++i, at_ += Peer::kWireBytes) {
      std::memcpy(at_, peers + i, sizeof(Peer));
    }
    std::memcpy(at_, peers + count - 1, Peer::kWireBytes);
    at_ += Peer::kWireBytes;
  }

 private:
  static_assert(sizeof(Peer) - Peer::kWireBytes <= Peer::kWireBytes);

  std::byte* begin_;
  std::byte* at_;
};

}  // namespace aquatic::swarm
