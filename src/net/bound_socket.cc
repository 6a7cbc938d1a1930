// SPDX-License-Identifier: Apache-2.0
#include "net/bound_socket.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/check.h"
#include "net/socket_address.h"

namespace aquatic::net {
namespace {

const char* advice_on(int error) {
  switch (error) {
    case EADDRINUSE: return "stop the process that uses the port, or choose another port";
    case EADDRNOTAVAIL:
      return "no interface of this machine has the address: choose one of its own, or the wildcard";
    case EACCES:
    case EPERM: return "choose a port above 1023, or grant CAP_NET_BIND_SERVICE";
    case EAFNOSUPPORT:
      return "this machine lacks the IP version: switch it off in the configuration";
    case EMFILE:
    case ENFILE: return "raise the limit of open files, or use fewer workers";
    default: return "check the address and the limits of this process";
  }
}

}  // namespace

void fail_to_listen(std::string_view protocol, const Endpoint& address, int error) {
  throw std::runtime_error(fmt::format("cannot listen on {} address {}: {}; {}", protocol,
                                       address.to_string(), std::strerror(error),
                                       advice_on(error)));
}

bool set_option(int fd, int level, int option, int value) noexcept {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

int family_of(const Endpoint& address) noexcept { return address.ip.is_v4() ? AF_INET : AF_INET6; }

int bind_to(const FileDescriptor& fd, const Endpoint& endpoint) noexcept {
  const SocketAddress address = to_socket_address(endpoint);
  return bind(fd.get(), &address.any, length_of(address)) == 0 ? 0 : errno;
}

std::uint16_t bound_port(const FileDescriptor& fd) {
  SocketAddress address{.v6 = {}};
  socklen_t length = sizeof(address);
  CHECK(getsockname(fd.get(), &address.any, &length) == 0);
  return to_endpoint(address).port;
}

}  // namespace aquatic::net
