// SPDX-License-Identifier: Apache-2.0
// An Endpoint in the form of the socket calls.
//
// It keeps what an Endpoint does not: on a dual-stack socket an IPv4 source appears as an
// IPv4-mapped address and has to be answered in that form; a link-local one has a scope.
#pragma once
#include <netinet/in.h>

#include "base/endpoint.h"

namespace aquatic::net {

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

SocketAddress to_socket_address(const Endpoint& endpoint) noexcept;
// Requires: the address is of one of the two families.
Endpoint to_endpoint(const SocketAddress& address) noexcept;

inline socklen_t length_of(const SocketAddress& address) noexcept {
  return address.any.sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

}  // namespace aquatic::net
