// SPDX-License-Identifier: Apache-2.0
#include "net/mmsg_socket.h"

#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"

namespace aquatic::net {
namespace {

using std::chrono::milliseconds;

// SO_RCVTIMEO: the timeout argument of recvmmsg is looked at only when a datagram arrives.
void set_receive_timeout(int fd, milliseconds timeout) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const std::chrono::microseconds rest = timeout - seconds;
  const timeval time{.tv_sec = seconds.count(), .tv_usec = rest.count()};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
}

}  // namespace

MmsgSocket::MmsgSocket(UdpSocketPair sockets, const DatagramSocketOptions& options) noexcept
    : sockets_(std::move(sockets)),
      nap_(options.nap),
      control_bytes_(has_packet_info(sockets_.receive.get()) ? kPacketInfoBytes : 0) {
  for (std::size_t i = 0; i < kMaxBatch; ++i) {
    Slot& slot = slots_[i];
    slot.request_vector = {slot.request.data(), slot.request.size()};
    msghdr& incoming = incoming_[i].msg_hdr;
    incoming.msg_name = &slot.source;
    incoming.msg_iov = &slot.request_vector;
    incoming.msg_iovlen = 1;
    incoming.msg_control = control_bytes_ > 0 ? slot.control.data() : nullptr;
  }
}

std::span<Datagram> MmsgSocket::receive(milliseconds timeout) noexcept {
  const int arrived = receive_batch(timeout);
  was_short_ = arrived > 0 && arrived < static_cast<int>(kMaxBatch);
  std::size_t count = 0;
  for (int i = 0; i < arrived; ++i) {
    const auto slot = static_cast<std::size_t>(i);
    if (!accept(incoming_[slot], slot)) continue;
    Slot& buffers = slots_[slot];
    slot_of_[count] = static_cast<std::uint8_t>(slot);
    batch_[count] = {to_endpoint(buffers.source),
                     std::span(buffers.request).first(incoming_[slot].msg_len), buffers.response,
                     0};
    ++count;
  }
  return std::span(batch_).first(count);
}

// How many datagrams arrived; 0 on timeout, signal and error.
int MmsgSocket::receive_batch(milliseconds timeout) noexcept {
  const bool may_wait = timeout > milliseconds::zero();
  if (was_short_ && may_wait && !nap_.is_off()) {
    if (!nap_.take()) return 0;
    const int arrived = receive_now(MSG_DONTWAIT);
    if (arrived > 0) return arrived;
  }
  if (!may_wait) return receive_now(MSG_DONTWAIT);
  if (timeout != timeout_) {
    set_receive_timeout(sockets_.receive.get(), timeout);
    timeout_ = timeout;
  }
  return receive_now(MSG_WAITFORONE);
}

int MmsgSocket::receive_now(int flags) noexcept {
  // The kernel overwrote the lengths in the last call: a 16 left by an IPv4 source would cut off
  // the next IPv6 one.
  for (mmsghdr& message : incoming_) {
    message.msg_hdr.msg_namelen = sizeof(SocketAddress);
    message.msg_hdr.msg_controllen = control_bytes_;
  }
  const int arrived = recvmmsg(sockets_.receive.get(), incoming_.data(), kMaxBatch, flags, nullptr);
  if (arrived >= 0) return arrived;
  if (errno != EAGAIN && errno != EINTR) {
    ++counters_.receive_errors;
    pause_after_error();
  }
  return 0;
}

// Counts the datagram and returns whether it can be answered.
bool MmsgSocket::accept(const mmsghdr& message, std::size_t slot) noexcept {
  if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
    ++counters_.dropped_truncated;
    return false;
  }
  // The port is at the same place in both families.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  if (slots_[slot].source.v4.sin_port == 0) {
    ++counters_.dropped_port_zero;
    return false;
  }
  ++counters_.received;
  counters_.received_bytes += message.msg_len;
  return true;
}

void MmsgSocket::send(std::span<Datagram> batch) noexcept {
  const std::size_t count = collect_responses(batch);
  // sendmmsg stops at the first message that fails and reports it only when it is the first of a
  // call: skip that one and go on. Every round sends or skips, so there are at most `count`.
  for (std::size_t done = 0; done < count;) {
    const int sent = sendmmsg(sockets_.send.get(), &outgoing_[done],
                              static_cast<unsigned>(count - done), MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
      // No room in the socket or the machine: clients ask again, a worker that waits is worse.
      counters_.send_errors += count - done;
      return;
    }
    if (sent <= 0) {
      ++counters_.send_errors;
      ++done;
      continue;
    }
    for (const mmsghdr& message : std::span(outgoing_).subspan(done, static_cast<size_t>(sent))) {
      ++counters_.sent;
      counters_.sent_bytes += message.msg_len;
    }
    done += static_cast<std::size_t>(sent);
  }
}

// Fills outgoing_ and returns how many there are to send.
std::size_t MmsgSocket::collect_responses(std::span<Datagram> batch) noexcept {
  std::size_t count = 0;
  for (const Datagram& datagram : batch) {
    if (datagram.response_bytes == 0) continue;
    CHECK(datagram.response_bytes <= kMaxResponseBytes);
    const std::size_t slot_index = slot_of_[static_cast<std::size_t>(&datagram - batch_.data())];
    Slot& slot = slots_[slot_index];
    slot.response_vector = {slot.response.data(), datagram.response_bytes};
    msghdr& outgoing = outgoing_[count++].msg_hdr;
    outgoing.msg_name = &slot.source;
    outgoing.msg_namelen = incoming_[slot_index].msg_hdr.msg_namelen;
    outgoing.msg_iov = &slot.response_vector;
    outgoing.msg_iovlen = 1;
    if (control_bytes_ == 0) continue;
    const MutableBytes control = to_response_control(
        std::span(slot.control).first(incoming_[slot_index].msg_hdr.msg_controllen));
    outgoing.msg_control = control.data();
    outgoing.msg_controllen = control.size();
  }
  return count;
}

std::uint32_t MmsgSocket::kernel_drops() const noexcept {
  return net::kernel_drops(sockets_.receive.get());
}

}  // namespace aquatic::net
