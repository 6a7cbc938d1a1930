// SPDX-License-Identifier: Apache-2.0
// Peers and torrents by number, for tests.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/info_hash.h"
#include "swarm/stored_peer.h"

namespace aquatic::swarm {

// Different for each number. The first byte is never 0, so no IPv6 address is an IPv4-mapped one.
inline Endpoint sample_endpoint(Family family, std::uint32_t number) {
  std::array<std::byte, IpAddress::kV6Bytes> bytes{};
  bytes[0] = std::byte{32};
  bytes[1] = static_cast<std::byte>(number >> 16);
  bytes[2] = static_cast<std::byte>(number >> 8);
  bytes[3] = static_cast<std::byte>(number);
  const std::span all(bytes);
  const IpAddress ip =
      family == Family::ipv4 ? IpAddress::v4(all.first<IpAddress::kV4Bytes>()) : IpAddress::v6(all);
  return {ip, static_cast<std::uint16_t>(1024 + number % 7)};
}

inline InfoHash sample_info_hash(std::uint32_t number) {
  InfoHash info_hash;
  store_big_endian(info_hash.bytes.data(), number);
  return info_hash;
}

// Different for each number, and for each number of the ids that a peer has had.
inline PeerId sample_peer_id(std::uint32_t number, std::uint32_t version = 0) {
  PeerId id;
  store_big_endian(id.bytes.data(), number);
  store_big_endian(id.bytes.data() + PeerId::kBytes - sizeof(version), version);
  return id;
}

template <class Peer>
constexpr Family family_of = Peer::kWireBytes == PeerV4::kWireBytes ? Family::ipv4 : Family::ipv6;

template <class Peer>
Peer sample_peer(std::uint32_t number, Tick last_seen = 0) {
  return Peer::from(sample_endpoint(family_of<Peer>, number), last_seen, sample_peer_id(number));
}

// The endpoints in the peers of a response.
inline std::vector<Endpoint> endpoints_of(Family family, Bytes wire) {
  const std::size_t ip_bytes = family == Family::ipv4 ? IpAddress::kV4Bytes : IpAddress::kV6Bytes;
  std::vector<Endpoint> endpoints;
  for (; wire.size() >= ip_bytes + 2; wire = wire.subspan(ip_bytes + 2)) {
    const IpAddress ip = family == Family::ipv4 ? IpAddress::v4(wire.first<IpAddress::kV4Bytes>())
                                                : IpAddress::v6(wire.first<IpAddress::kV6Bytes>());
    endpoints.push_back({ip, load_big_endian<std::uint16_t>(wire.data() + ip_bytes)});
  }
  return endpoints;
}

}  // namespace aquatic::swarm
