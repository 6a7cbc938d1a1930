// SPDX-License-Identifier: Apache-2.0
#include "net/inherited_sockets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/environment.h"
#include "net/bound_socket.h"
#include "net/socket_address.h"

namespace aquatic::net {
namespace {

// SD_LISTEN_FDS_START: behind the standard streams.
constexpr int kFirstDescriptor = 3;

std::size_t parse_count(const std::string& text) {
  std::size_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || rest != end || count > InheritedSockets::kMaxSockets) {
    throw std::runtime_error(fmt::format("LISTEN_FDS is `{}`, not a number of sockets up to {}",
                                         text, InheritedSockets::kMaxSockets));
  }
  return count;
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t end = text.find(':');
    names.emplace_back(text.substr(0, end));
    if (end == text.npos) return names;
    text.remove_prefix(end + 1);
  }
}

// The descriptor is ours from now on, and not for our children.
FileDescriptor take_over(int fd) {
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    throw std::runtime_error(
        fmt::format("descriptor {} is not open, although LISTEN_FDS counts it", fd));
  }
  return FileDescriptor(fd);
}

}  // namespace

InheritedSockets InheritedSockets::from_environment() {
  const auto pid = take_variable("LISTEN_PID");
  const auto count_text = take_variable("LISTEN_FDS");
  const auto names_text = take_variable("LISTEN_FDNAMES");
  // Somebody else's are left over from a parent that did not clean up.
  if (!count_text || pid != std::to_string(getpid())) return {};
  const std::size_t count = parse_count(*count_text);
  const auto names = names_text ? split_names(*names_text) : std::vector<std::string>();
  std::vector<Named> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = kFirstDescriptor + static_cast<int>(i);
    // They need not have names.
    std::string name = i < names.size() ? names[i] : fmt::format("descriptor {}", fd);
    sockets.push_back({take_over(fd), std::move(name)});
  }
  return InheritedSockets(std::move(sockets));
}

InheritedSockets::InheritedSockets(std::vector<Named> sockets) {
  for (Named& named : sockets) sockets_.push_back(inspect(std::move(named)));
}

InheritedSockets::Socket InheritedSockets::inspect(Named named) {
  const auto refuse = [&named](std::string_view why) {
    throw std::runtime_error(fmt::format("{} of the service manager {}", named.name, why));
  };
  const int fd = named.fd.get();
  const auto type = option_of(fd, SOL_SOCKET, SO_TYPE);
  if (!type) refuse("is not a socket");
  SocketAddress address{.v6 = {}};
  socklen_t length = sizeof(address);
  if (getsockname(fd, &address.any, &length) != 0 ||
      (address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6)) {
    refuse("is neither IPv4 nor IPv6: give its socket unit an address with a port");
  }
  if (type != SOCK_STREAM && type != SOCK_DGRAM) {
    refuse("is neither TCP nor UDP: use ListenStream= or ListenDatagram=");
  }
  if (type == SOCK_STREAM && option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) != 1) {
    refuse("is a TCP socket that does not listen: use Accept=no");
  }
  const Endpoint endpoint = to_endpoint(address);
  if (endpoint.port == 0) refuse("is not bound to a port");
  const bool is_dual_stack = address.any.sa_family == AF_INET6 && endpoint.ip.is_unspecified() &&
                             option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
  return {std::move(named), *type, endpoint, is_dual_stack};
}

// Whether no other socket could be bound to `wanted` without sharing the port.
bool InheritedSockets::overlaps(const Socket& socket, const Endpoint& wanted) {
  if (socket.address.port != wanted.port) return false;
  if (socket.is_dual_stack && wanted.ip.is_v4()) return true;
  return socket.address.ip.family() == wanted.ip.family() &&
         (socket.address.ip.is_unspecified() || wanted.ip.is_unspecified());
}

std::string InheritedSockets::describe(const Socket& socket) {
  return fmt::format("{} ({} {}{})", socket.named.name, socket.type == SOCK_STREAM ? "TCP" : "UDP",
                     socket.address.to_string(), socket.is_dual_stack ? ", IPv4 included" : "");
}

FileDescriptor InheritedSockets::take(int type, const Endpoint& wanted) {
  for (auto socket = sockets_.begin(); socket != sockets_.end(); ++socket) {
    const bool has_port = wanted.port == 0 || socket->address.port == wanted.port;
    if (socket->type != type || socket->address.ip != wanted.ip || !has_port) continue;
    FileDescriptor fd = std::move(socket->named.fd);
    sockets_.erase(socket);
    return fd;
  }
  for (const Socket& socket : sockets_) {
    if (socket.type != type || !overlaps(socket, wanted)) continue;
    throw std::runtime_error(fmt::format(
        "{} of the service manager stands in the way of {}: let its unit and the configuration say "
        "the same, with BindIPv6Only=ipv6-only where IPv4 has a socket of its own",
        describe(socket), wanted.to_string()));
  }
  return {};
}

void InheritedSockets::refuse_rest() const {
  if (sockets_.empty()) return;
  std::vector<std::string> all;
  for (const Socket& socket : sockets_) all.push_back(describe(socket));
  throw std::runtime_error(fmt::format(
      "the service manager has opened what nothing here listens on: {}; let its units and the "
      "configuration name the same addresses",
      fmt::join(all, ", ")));
}

}  // namespace aquatic::net
