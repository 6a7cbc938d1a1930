// SPDX-License-Identifier: Apache-2.0
#include "load_test/client_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/check.h"
#include "net/bound_socket.h"
#include "net/socket_address.h"

namespace aquatic::load_test {
namespace {

using Status = net::IoResult::Status;

bool is_temporary(int error) noexcept { return error == EAGAIN || error == EINTR; }

// The port is only chosen with the connection, or there could not be more connections in all than
// ports of one address.
bool bind_to_source(const FileDescriptor& socket, const IpAddress& source) noexcept {
  net::set_option(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  return net::bind_to(socket, {.ip = source, .port = 0}) == 0;
}

}  // namespace

bool ClientStream::open(const Endpoint& server, const std::optional<IpAddress>& source,
                        TlsClient* tls) noexcept {
  CHECK(state_ == State::closed);
  FileDescriptor socket(
      ::socket(net::family_of(server), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return false;
  if (source && !bind_to_source(socket, *source)) return false;
  // Requests leave when they are made, also behind others.
  net::set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  const auto to = net::to_socket_address(server);
  if (connect(socket.get(), &to.any, net::length_of(to)) != 0 && errno != EINPROGRESS) {
    return false;
  }
  socket_ = std::move(socket);
  tls_ = tls;
  state_ = State::connecting;
  return true;
}

ClientStream::State ClientStream::advance() noexcept {
  CHECK(state_ != State::closed);
  if (state_ == State::connecting) state_ = connect_done();
  if (state_ == State::handshaking) state_ = shake_hands();
  if (state_ == State::closed) close();
  return state_;
}

ClientStream::State ClientStream::connect_done() noexcept {
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return State::closed;
  net::SocketAddress peer{.v6 = {}};
  length = sizeof(peer);
  if (getpeername(socket_.get(), &peer.any, &length) != 0) return State::connecting;  // Not yet.
  if (tls_ == nullptr) return State::open;
  session_.emplace(*tls_, socket_.get());
  return State::handshaking;
}

ClientStream::State ClientStream::shake_hands() noexcept {
  switch (session_->handshake().status) {
    case Status::done: return State::open;
    case Status::wants_read:
    case Status::wants_write: return State::handshaking;
    default: return State::closed;
  }
}

net::IoResult ClientStream::receive(MutableBytes room) noexcept {
  CHECK(state_ == State::open);
  if (session_) return session_->read(room);
  const ssize_t count = recv(socket_.get(), room.data(), room.size(), 0);
  if (count == 0) return {Status::closed, 0};
  if (count < 0) return {is_temporary(errno) ? Status::wants_read : Status::failed, 0};
  const auto bytes = static_cast<std::size_t>(count);
  // Less than there was room for: another call would only say EAGAIN.
  return {bytes == room.size() ? Status::done : Status::wants_read, bytes};
}

net::IoResult ClientStream::send(Bytes bytes) noexcept {
  CHECK(state_ == State::open);
  std::size_t sent = 0;
  while (session_ && sent < bytes.size()) {
    const net::IoResult result = session_->write(bytes.subspan(sent));
    if (result.status != Status::done) return {result.status, sent};
    sent += result.bytes;
  }
  if (session_) return {Status::done, sent};
  const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0) return {is_temporary(errno) ? Status::wants_write : Status::failed, 0};
  sent = static_cast<std::size_t>(count);
  return {sent == bytes.size() ? Status::done : Status::wants_write, sent};
}

void ClientStream::close() noexcept {
  session_.reset();
  socket_.reset();
  state_ = State::closed;
}

}  // namespace aquatic::load_test
