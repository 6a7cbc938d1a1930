// SPDX-License-Identifier: Apache-2.0
#include "load_test/datagram_batch.h"

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "base/check.h"
#include "net/socket_address.h"

namespace aquatic::load_test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

void point_at_buffers(std::span<iovec> parts, std::span<mmsghdr> messages,
                      std::vector<std::byte>& buffer, std::size_t bytes_each) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = {.iov_base = buffer.data() + i * bytes_each, .iov_len = bytes_each};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
}

}  // namespace

FileDescriptor open_connected_socket(const Endpoint& tracker,
                                     const std::optional<IpAddress>& source,
                                     std::uint32_t receive_buffer_bytes) {
  const int family = tracker.ip.is_v4() ? AF_INET : AF_INET6;
  FileDescriptor socket(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) fail("cannot open a UDP socket");
  if (receive_buffer_bytes > 0) {
    // Forced where that is allowed; otherwise the kernel caps it, which its drops would show.
    const int bytes = static_cast<int>(receive_buffer_bytes);
    if (setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0) {
      setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    }
  }
  if (source) {
    const auto from = net::to_socket_address({.ip = *source, .port = 0});
    if (bind(socket.get(), &from.any, net::length_of(from)) != 0) {
      fail("cannot send from " + source->to_string());
    }
  }
  const auto to = net::to_socket_address(tracker);
  if (connect(socket.get(), &to.any, net::length_of(to)) != 0) {
    fail("cannot reach " + tracker.to_string());
  }
  return socket;
}

SendBatch::SendBatch() : buffer_(kBatchDatagrams * kMaxBytes) {
  point_at_buffers(parts_, messages_, buffer_, kMaxBytes);
}

MutableBytes SendBatch::room() noexcept {
  CHECK(!is_full());
  return MutableBytes(buffer_).subspan(size_ * kMaxBytes, kMaxBytes);
}

void SendBatch::push(std::size_t bytes) noexcept { parts_[size_++].iov_len = bytes; }

std::size_t SendBatch::send(int fd) noexcept {
  const int sent = sendmmsg(fd, messages_.data(), static_cast<unsigned>(size_), MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

ReceiveBatch::ReceiveBatch() : buffer_(kBatchDatagrams * kMaxBytes) {
  point_at_buffers(parts_, messages_, buffer_, kMaxBytes);
}

std::size_t ReceiveBatch::receive(int fd) noexcept {
  const int received =
      recvmmsg(fd, messages_.data(), static_cast<unsigned>(kBatchDatagrams), MSG_DONTWAIT, nullptr);
  return received > 0 ? static_cast<std::size_t>(received) : 0;
}

Bytes ReceiveBatch::operator[](std::size_t i) const noexcept {
  return Bytes(buffer_).subspan(i * kMaxBytes, messages_[i].msg_len);
}

}  // namespace aquatic::load_test
