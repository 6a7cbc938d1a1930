// SPDX-License-Identifier: Apache-2.0
// Peers, torrents and offers by number, for tests.
#pragma once
#include <cstdint>
#include <cstring>

#include "base/endpoint.h"
#include "base/info_hash.h"
#include "swarm/offers/signalling.h"

namespace aquatic::offers {

template <class Id>
Id id_of(std::uint64_t number) {
  Id id;
  std::memcpy(id.bytes.data(), &number, sizeof(number));
  return id;
}

inline PeerId peer(std::uint64_t number) { return id_of<PeerId>(number); }
inline OfferId offer(std::uint64_t number) { return id_of<OfferId>(number); }
inline Torrent torrent(std::uint64_t number, Family family = Family::ipv4) {
  return {id_of<InfoHash>(number), family};
}
inline Connection connection(std::uint64_t number) {
  return {.stream = number, .worker = static_cast<std::uint32_t>(number % 3)};
}
inline IpAddress ip(std::uint64_t number) {
  std::array<std::byte, IpAddress::kV4Bytes> bytes{};
  std::memcpy(bytes.data(), &number, bytes.size());
  return IpAddress::v4(bytes);
}

// What the peer with this number says, on the connection of the same number.
inline Announcement announcement(std::uint64_t number,
                                 swarm::Status status = swarm::Status::leecher) {
  return {.peer_id = peer(number),
          .connection = connection(number),
          .ip = ip(number),
          .status = status,
          .completed = false};
}

}  // namespace aquatic::offers
