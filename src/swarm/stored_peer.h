// SPDX-License-Identifier: Apache-2.0
// A peer as he is kept: the very bytes that a response carries, when he last announced and, where
// the swarm keeps them, the id that he gave.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/endpoint.h"
#include "base/info_hash.h"
#include "swarm/peer_clock.h"

namespace aquatic::swarm {

template <std::size_t kAddressBytes>
struct StoredPeer {
  static constexpr std::size_t kWireBytes = kAddressBytes + sizeof(std::uint16_t);

  std::array<std::byte, kWireBytes> wire{};  // Address and port, in network order.
  Tick last_seen = 0;

  // Leaves the id out.
  static StoredPeer from(const Endpoint& endpoint, Tick now, const PeerId& id = {}) noexcept;
};

template <class Plain>
struct StoredPeerWithId : Plain {
  PeerId id;

  static StoredPeerWithId from(const Endpoint& endpoint, Tick now, const PeerId& id = {}) noexcept {
    return {Plain::from(endpoint, now), id};
  }
};

using PeerV4 = StoredPeer<IpAddress::kV4Bytes>;
using PeerV6 = StoredPeer<IpAddress::kV6Bytes>;
static_assert(sizeof(PeerV4) == 8 && sizeof(PeerV6) == 20);
using PeerV4WithId = StoredPeerWithId<PeerV4>;
using PeerV6WithId = StoredPeerWithId<PeerV6>;
static_assert(sizeof(PeerV4WithId) == 28 && sizeof(PeerV6WithId) == 40);

extern template struct StoredPeer<IpAddress::kV4Bytes>;
extern template struct StoredPeer<IpAddress::kV6Bytes>;

// The wire bytes of an IPv4 peer as one number, in whatever order they lie in memory.
inline std::uint64_t wire_word(const PeerV4& peer) noexcept {
  constexpr PeerV4 kWireOnly{{std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff},
                              std::byte{0xff}, std::byte{0xff}},
                             0};
  return std::bit_cast<std::uint64_t>(peer) & std::bit_cast<std::uint64_t>(kWireOnly);
}

// Whether both are the same peer, whenever they announced and whatever their ids.
inline bool is_same_peer(const PeerV4& a, const PeerV4& b) noexcept {
  return wire_word(a) == wire_word(b);
}

inline bool is_same_peer(const PeerV6& a, const PeerV6& b) noexcept {
  return std::memcmp(a.wire.data(), b.wire.data(), PeerV6::kWireBytes) == 0;
}

}  // namespace aquatic::swarm
