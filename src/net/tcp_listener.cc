// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/check.h"
#include "net/bound_socket.h"

namespace aquatic::net {
namespace {

// What the kernel keeps of a connection's output that the peer has no room for; the system's own
// limit is megabytes, which whoever asks and does not receive could claim with each connection.
constexpr int kMaxUnsentBytes = 128 * 1024;

[[noreturn]] void fail(const Endpoint& address, int error) {
  fail_to_listen("TCP", address, error);
}

void set_or_fail(const FileDescriptor& fd, const Endpoint& address, int level, int option,
                 int value) {
  if (!set_option(fd.get(), level, option, value)) fail(address, errno);
}

// A socket bound to the address, whose port nobody listens on as far as we can see: connections of
// an earlier process may linger there, which SO_REUSEADDR allows, other listeners may not.
FileDescriptor open_bound(const TcpOptions& options, const Endpoint& address, bool is_shared) {
  FileDescriptor fd(
      socket(family_of(address), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!fd.is_open()) fail(address, errno);
  if (!address.ip.is_v4()) {
    set_or_fail(fd, address, IPPROTO_IPV6, IPV6_V6ONLY, options.only_ipv6 ? 1 : 0);
  }
  set_or_fail(fd, address, SOL_SOCKET, SO_REUSEADDR, 1);
  if (is_shared) set_or_fail(fd, address, SOL_SOCKET, SO_REUSEPORT, 1);
  if (const int error = bind_to(fd, address); error != 0) fail(address, error);
  return fd;
}

// Also where it listens already: the last backlog counts.
void start_to_listen(const FileDescriptor& fd, const TcpOptions& options, const Endpoint& address) {
  // Connections inherit these, which saves each of them a call. Responses are written whole, so
  // there is nothing to delay them for.
  set_or_fail(fd, address, IPPROTO_TCP, TCP_NODELAY, 1);
  set_or_fail(fd, address, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMaxUnsentBytes);
  if (listen(fd.get(), options.backlog) != 0) fail(address, errno);
}

FileDescriptor open_listener(const TcpOptions& options, const Endpoint& address) {
  FileDescriptor fd = open_bound(options, address, true);
  start_to_listen(fd, options, address);
  return fd;
}

TcpListeners open_beside(FileDescriptor inherited, const TcpOptions& options) {
  TcpListeners listeners{.address = {options.address.ip, bound_port(inherited)}, .sockets = {}};
  check_inherited(inherited, "TCP", listeners.address, options.only_ipv6);
  if (fcntl(inherited.get(), F_SETFL, O_NONBLOCK) != 0) fail(listeners.address, errno);
  start_to_listen(inherited, options, listeners.address);
  const bool has_further = options.worker_count > 1 && can_share_port(inherited, listeners.address);
  listeners.sockets.push_back(std::move(inherited));
  while (listeners.sockets.size() < options.worker_count) {
    listeners.sockets.push_back(
        has_further ? open_listener(options, listeners.address)
                    : duplicate(listeners.sockets.front(), "TCP", listeners.address));
  }
  return listeners;
}

}  // namespace

TcpListeners open_tcp_listeners(const TcpOptions& options, FileDescriptor inherited) {
  CHECK(options.worker_count > 0);
  if (inherited.is_open()) return open_beside(std::move(inherited), options);
  TcpListeners listeners{.address = options.address, .sockets = {}};
  // Holds the port against everybody else until our own sockets have it: bound while it may not be
  // shared yet, so that it fails where anybody listens, and opened to sharing afterwards.
  const FileDescriptor guard = open_bound(options, options.address, false);
  listeners.address.port = bound_port(guard);
  set_or_fail(guard, listeners.address, SOL_SOCKET, SO_REUSEPORT, 1);
  for (std::size_t i = 0; i < options.worker_count; ++i) {
    listeners.sockets.push_back(open_listener(options, listeners.address));
  }
  return listeners;
}

}  // namespace aquatic::net
