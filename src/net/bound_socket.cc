// SPDX-License-Identifier: Apache-2.0
#include "net/bound_socket.h"

#include <fcntl.h>
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

std::optional<int> option_of(int fd, int level, int option) noexcept {
  int value = 0;
  socklen_t length = sizeof(value);
  if (getsockopt(fd, level, option, &value, &length) != 0) return std::nullopt;
  return value;
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

FileDescriptor duplicate(const FileDescriptor& fd, std::string_view protocol,
                         const Endpoint& address) {
  FileDescriptor copy(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy.is_open()) fail_to_listen(protocol, address, errno);
  return copy;
}

void check_inherited(const FileDescriptor& fd, std::string_view protocol, const Endpoint& address,
                     bool only_ipv6) {
  if (address.ip.is_v4() || !address.ip.is_unspecified()) return;
  const bool is_only_ipv6 = option_of(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY) != 0;
  if (is_only_ipv6 == only_ipv6) return;
  throw std::runtime_error(
      fmt::format("the {} socket {} of the service manager is {}: set BindIPv6Only={} in its unit, "
                  "or change the configuration",
                  protocol, address.to_string(),
                  is_only_ipv6 ? "for IPv6 only, unlike what is configured"
                               : "for IPv4 too, unlike what is configured",
                  only_ipv6 ? "ipv6-only" : "both"));
}

bool can_share_port(const FileDescriptor& fd, const Endpoint& address) {
  const auto type = option_of(fd.get(), SOL_SOCKET, SO_TYPE);
  if (!type || option_of(fd.get(), SOL_SOCKET, SO_REUSEPORT) != 1) return false;
  const FileDescriptor trial(socket(family_of(address), *type | SOCK_CLOEXEC, 0));
  const bool only_ipv6 = option_of(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY) == 1;
  set_option(trial.get(), IPPROTO_IPV6, IPV6_V6ONLY, only_ipv6 ? 1 : 0);
  // As listeners are bound: connections of an earlier process may linger.
  if (*type == SOCK_STREAM) set_option(trial.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  return set_option(trial.get(), SOL_SOCKET, SO_REUSEPORT, 1) && bind_to(trial, address) == 0;
}

}  // namespace aquatic::net
