// SPDX-License-Identifier: Apache-2.0
// A keyed hash of a peer: anybody may choose his address and port, nobody may choose the bucket
// that they lead to.
#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "base/fold_multiply.h"
#include "base/random.h"
#include "swarm/stored_peer.h"

namespace aquatic::swarm {

class PeerHasher {
 public:
  // Same secret, same function.
  explicit PeerHasher(std::uint64_t secret) noexcept {
    Random random(secret);
    for (std::uint64_t& key : keys_) key = random();
  }

  std::uint64_t operator()(const PeerV4& peer) const noexcept {
    return fold_multiply(wire_word(peer) ^ keys_[0], keys_[1]);
  }

  std::uint64_t operator()(const PeerV6& peer) const noexcept {
    const std::byte* wire = peer.wire.data();
    const std::uint64_t address = fold_multiply(load_native<std::uint64_t>(wire) ^ keys_[0],
                                                load_native<std::uint64_t>(wire + 8) ^ keys_[1]);
    return fold_multiply(address ^ load_native<std::uint16_t>(wire + 16), keys_[2]);
  }

 private:
  std::array<std::uint64_t, 3> keys_;
};

}  // namespace aquatic::swarm
