// SPDX-License-Identifier: Apache-2.0
#include "tests/support/udp_client.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "net/socket_address.h"

namespace aquatic::test {
namespace {

// A lost response fails a test; how long that takes matters to nobody.
constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};
// Holds what a test leaves unread for long.
constexpr int kReceiveBufferBytes = 4'000'000;

void must(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

UdpClient::UdpClient(const Endpoint& server, std::optional<IpAddress> own_address)
    : fd_(socket(server.ip.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  must(fd_.is_open(), "socket");
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof(kReceiveBufferBytes));
  if (own_address) {
    const net::SocketAddress own = net::to_socket_address({*own_address, 0});
    must(bind(fd_.get(), &own.any, length_of(own)) == 0, "bind");
  }
  const net::SocketAddress to = net::to_socket_address(server);
  must(connect(fd_.get(), &to.any, length_of(to)) == 0, "connect");
}

Endpoint UdpClient::address() const {
  net::SocketAddress address{.v6 = {}};
  socklen_t length = sizeof(address);
  must(getsockname(fd_.get(), &address.any, &length) == 0, "getsockname");
  return net::to_endpoint(address);
}

void UdpClient::send(Bytes payload) {
  must(::send(fd_.get(), payload.data(), payload.size(), 0) >= 0, "send");
}

std::optional<std::vector<std::byte>> UdpClient::receive() {
  std::array<std::byte, 65536> buffer;
  ssize_t length = 0;
  do {  // The kernel interrupts a thread to tidy up behind a ring that it once had.
    length = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  } while (length < 0 && errno == EINTR);
  if (length < 0) return std::nullopt;
  return std::vector<std::byte>(buffer.begin(), buffer.begin() + length);
}

bool is_local(const IpAddress& address) {
  const FileDescriptor fd(
      socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const net::SocketAddress own = net::to_socket_address({address, 0});
  return fd.is_open() && bind(fd.get(), &own.any, length_of(own)) == 0;
}

std::vector<std::byte> pattern(std::size_t count, std::size_t seed) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    // The seed in the first bytes, so that even short patterns differ.
    bytes[i] = static_cast<std::byte>(i < sizeof(seed) ? seed >> 8 * i : i * 31 + seed);
  }
  return bytes;
}

}  // namespace aquatic::test
