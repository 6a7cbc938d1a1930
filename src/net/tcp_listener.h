// SPDX-License-Identifier: Apache-2.0
// Opens the listening TCP sockets of a server, before any worker exists.
//
// Each worker has a socket of its own; they share a port by SO_REUSEPORT and the kernel hands each
// connection to one of them. Where that is not possible beside an inherited socket, all workers
// share that one, with one queue of connections. Control plane: throws.
#pragma once
#include <cstddef>
#include <vector>

#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::net {

struct TcpOptions {
  Endpoint address;  // Port 0 takes a free one, the same for all sockets.
  std::size_t worker_count = 1;
  bool only_ipv6 = true;  // An IPv6 wildcard leaves IPv4 alone.
  int backlog = 1024;     // Connections that wait to be accepted, of each socket.
};

struct TcpListeners {
  Endpoint address;                     // With the port that was bound.
  std::vector<FileDescriptor> sockets;  // worker_count of them, listening and non-blocking.
};

// `inherited`, if it is open, listens on the address already, and becomes one of the sockets.
// Throws std::runtime_error with what an operator can do about it; a port that another process
// listens on is such a failure, although SO_REUSEPORT would share it silently.
// Requires: worker_count > 0.
TcpListeners open_tcp_listeners(const TcpOptions& options, FileDescriptor inherited = {});

}  // namespace aquatic::net
