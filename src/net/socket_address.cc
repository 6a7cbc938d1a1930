// SPDX-License-Identifier: Apache-2.0
#include "net/socket_address.h"

#include <algorithm>

namespace aquatic::net {

SocketAddress to_socket_address(const Endpoint& endpoint) noexcept {
  SocketAddress address{.v6 = {}};
  const auto bytes = endpoint.ip.bytes();
  if (endpoint.ip.is_v4()) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(endpoint.port);
    std::ranges::copy(bytes, std::as_writable_bytes(std::span(&address.v4.sin_addr, 1)).begin());
  } else {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(endpoint.port);
    std::ranges::copy(bytes, std::as_writable_bytes(std::span(&address.v6.sin6_addr, 1)).begin());
  }
  return address;
}

Endpoint to_endpoint(const SocketAddress& address) noexcept {
  if (address.any.sa_family == AF_INET) {
    const auto bytes = std::as_bytes(std::span<const in_addr, 1>(&address.v4.sin_addr, 1));
    return {IpAddress::v4(bytes), ntohs(address.v4.sin_port)};
  }
  const auto bytes = std::as_bytes(std::span<const in6_addr, 1>(&address.v6.sin6_addr, 1));
  return {IpAddress::v6(bytes), ntohs(address.v6.sin6_port)};
}

}  // namespace aquatic::net
