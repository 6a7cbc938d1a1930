// SPDX-License-Identifier: Apache-2.0
#include "swarm/stored_peer.h"

#include "base/bytes.h"
#include "base/check.h"

namespace aquatic::swarm {

template <std::size_t kAddressBytes>
StoredPeer<kAddressBytes> StoredPeer<kAddressBytes>::from(const Endpoint& endpoint, Tick now,
                                                          const PeerId&) noexcept {
  DCHECK(endpoint.ip.bytes().size() == kAddressBytes);
  StoredPeer peer;
  std::memcpy(peer.wire.data(), endpoint.ip.bytes().data(), kAddressBytes);
  store_big_endian(peer.wire.data() + kAddressBytes, endpoint.port);
  peer.last_seen = now;
  return peer;
}

template struct StoredPeer<IpAddress::kV4Bytes>;
template struct StoredPeer<IpAddress::kV6Bytes>;

}  // namespace aquatic::swarm
