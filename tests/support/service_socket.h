// SPDX-License-Identifier: Apache-2.0
// Sockets as a service manager opens them for a process that it starts.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

#include "base/check.h"
#include "base/endpoint.h"
#include "base/file_descriptor.h"
#include "net/bound_socket.h"

namespace aquatic::test {

struct ServiceSocketOptions {
  int type = SOCK_STREAM;
  const char* address = "127.0.0.1:0";
  bool shares_port = false;  // ReusePort=
  bool only_ipv6 = true;     // BindIPv6Only=ipv6-only
};

// Bound; and listening, where that is what its type does.
inline FileDescriptor open_service_socket(const ServiceSocketOptions& options) {
  const Endpoint address = *Endpoint::parse(options.address);
  FileDescriptor fd(socket(net::family_of(address), options.type | SOCK_CLOEXEC, 0));
  if (!address.ip.is_v4()) {
    net::set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.only_ipv6 ? 1 : 0);
  }
  if (options.type == SOCK_STREAM) net::set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.shares_port) net::set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  CHECK(net::bind_to(fd, address) == 0);
  if (options.type == SOCK_STREAM) CHECK(listen(fd.get(), 128) == 0);
  return fd;
}

// Tells the same socket, however many descriptors it has, from others.
inline std::uint64_t identity_of(const FileDescriptor& fd) {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  CHECK(getsockopt(fd.get(), SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0);
  return cookie;
}

}  // namespace aquatic::test
