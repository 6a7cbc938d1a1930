// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tcp_peer.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/check.h"
#include "net/bound_socket.h"
#include "net/socket_address.h"

namespace aquatic::test {

TcpPeer::TcpPeer(const Endpoint& server, std::optional<IpAddress> own_address,
                 int receive_buffer_bytes)
    : fd_(socket(net::family_of(server), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    net::set_option(fd_.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer_bytes);
  }
  net::set_option(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  const net::SocketAddress address = net::to_socket_address(server);
  const bool is_bound = !own_address || net::bind_to(fd_, {*own_address, 0}) == 0;
  if (!is_bound || connect(fd_.get(), &address.any, net::length_of(address)) != 0) {
    throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
  }
}

Endpoint TcpPeer::address() const {
  net::SocketAddress address{.v6 = {}};
  socklen_t length = sizeof(address);
  CHECK(getsockname(fd_.get(), &address.any, &length) == 0);
  return net::to_endpoint(address);
}

std::size_t TcpPeer::send_some(Bytes bytes) {
  const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void TcpPeer::send(std::string_view text) { CHECK(send_some(as_bytes(text)) == text.size()); }

bool TcpPeer::is_delivered() const {
  int count = 0;
  CHECK(ioctl(fd_.get(), SIOCOUTQ, &count) == 0);
  return count == 0;
}

const std::string& TcpPeer::received() {
  receive();
  return received_;
}

std::string TcpPeer::take_received() {
  receive();
  return std::exchange(received_, {});
}

bool TcpPeer::has_seen_end() {
  receive();
  return has_seen_end_;
}

bool TcpPeer::was_reset() {
  receive();
  return was_reset_;
}

void TcpPeer::end_output() { CHECK(shutdown(fd_.get(), SHUT_WR) == 0); }

void TcpPeer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  CHECK(setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
  fd_.reset();
}

void TcpPeer::receive() {
  std::array<char, 16 * 1024> buffer;
  while (!has_seen_end_) {
    const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    has_seen_end_ = count <= 0;
    was_reset_ = count < 0;
    if (count > 0) received_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace aquatic::test
