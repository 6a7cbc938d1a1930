// SPDX-License-Identifier: Apache-2.0
// What requests and responses of the UDP tracker protocol share (BEP 15). All integers on the
// wire are big-endian.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endpoint.h"

namespace aquatic::udp {

// The first eight bytes of a connect request.
inline constexpr std::uint64_t kProtocolMagic = 0x41727101980;

enum class Action : std::uint32_t { connect = 0, announce = 1, scrape = 2, error = 3 };

// `paused` is BEP 21's; clients send it over UDP as 4.
enum class Event : std::uint32_t { none = 0, completed = 1, started = 2, stopped = 3, paused = 4 };

using ConnectionId = std::uint64_t;   // Opaque to clients.
using TransactionId = std::uint32_t;  // Chosen by the client, echoed.

// Bytes of one peer in an announce response: address and port.
constexpr std::size_t peer_bytes(Family family) noexcept {
  return (family == Family::ipv4 ? IpAddress::kV4Bytes : IpAddress::kV6Bytes) + 2;
}

}  // namespace aquatic::udp
