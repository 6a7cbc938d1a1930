// SPDX-License-Identifier: Apache-2.0
#include "net/stream_socket.h"

#include <sys/socket.h>

#include <cerrno>

namespace aquatic::net {
namespace {

using Status = IoResult::Status;

// A record may have a single byte, and opening each costs as much as a message: more of them have
// to wait for the next round.
constexpr int kMaxRecords = 32;

bool is_temporary(int error) noexcept { return error == EAGAIN || error == EINTR; }

IoResult receive_from(int fd, MutableBytes room, int flags) noexcept {
  const ssize_t count = recv(fd, room.data(), room.size(), flags);
  if (count == 0) return {Status::closed, 0};
  if (count < 0) return {is_temporary(errno) ? Status::wants_read : Status::failed, 0};
  const auto bytes = static_cast<std::size_t>(count);
  // Less than there was room for: another call would only say EAGAIN.
  return {bytes == room.size() ? Status::done : Status::wants_read, bytes};
}

IoResult send_to(int fd, Bytes bytes) noexcept {
  const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0) return {is_temporary(errno) ? Status::wants_write : Status::failed, 0};
  const auto sent = static_cast<std::size_t>(count);
  return {sent == bytes.size() ? Status::done : Status::wants_write, sent};
}

}  // namespace

IoResult StreamSocket::receive(MutableBytes room) noexcept {
  if (!tls_) return receive_raw(room);
  std::size_t bytes = 0;
  for (int records = 0; records < kMaxRecords && bytes < room.size(); ++records) {
    const IoResult result = tls_->read(room.subspan(bytes));
    if (result.status != Status::done) return {result.status, bytes};
    bytes += result.bytes;
  }
  return {Status::done, bytes};
}

IoResult StreamSocket::send(Bytes bytes) noexcept {
  if (!tls_) return send_to(fd_.get(), bytes);
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const IoResult result = tls_->write(bytes.subspan(sent));
    if (result.status != Status::done) return {result.status, sent};
    sent += result.bytes;
  }
  return {Status::done, sent};
}

IoResult StreamSocket::peek(MutableBytes room) noexcept {
  return receive_from(fd_.get(), room, MSG_PEEK);
}

IoResult StreamSocket::receive_raw(MutableBytes room) noexcept {
  return receive_from(fd_.get(), room, 0);
}

void StreamSocket::end_output() noexcept {
  if (tls_) tls_->close();
  shutdown(fd_.get(), SHUT_WR);
}

void StreamSocket::close() noexcept {
  if (tls_) tls_->close();
  drop();
}

void StreamSocket::drop() noexcept {
  tls_.reset();
  fd_.reset();
}

void StreamSocket::reset() noexcept {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  drop();
}

}  // namespace aquatic::net
