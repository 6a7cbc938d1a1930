// SPDX-License-Identifier: Apache-2.0
#include "net/uring_socket.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace aquatic::net {
namespace {

using std::chrono::milliseconds;

// A received buffer:  | io_uring_recvmsg_out 16 | name 32 | control 0 or 40 | payload |
// The room for name and control is what the template says, however much of it is used. The
// longest name has 28 bytes; 32 keep the control messages aligned.
constexpr std::size_t kNameBytes = 32;
constexpr std::size_t kHeaderBytes = sizeof(io_uring_recvmsg_out) + kNameBytes;
static_assert(kNameBytes >= sizeof(SocketAddress));
static_assert(kHeaderBytes % alignof(cmsghdr) == 0);

// A batch of responses, and the receive request.
constexpr unsigned kSubmissionEntries = 2 * kMaxBatch;
// A batch in the caller's hands, and one to receive meanwhile.
constexpr std::uint32_t kMinBuffers = 2 * kMaxBatch;

// The kernel hands over about as many datagrams at most before it looks at other work: fewer mean
// that its queue is empty.
constexpr std::size_t kMultishotRun = 32;

// What a completion is of: a send carries its length, for when it failed.
constexpr std::uint64_t kReceiveTag = UINT64_MAX;

std::uint32_t buffer_count_of(const DatagramSocketOptions& options) {
  return std::clamp(std::bit_ceil(std::min(options.ring_size, UringBuffers::kMaxCount)),
                    kMinBuffers, UringBuffers::kMaxCount);
}

std::size_t control_bytes_of(const UdpSocketPair& sockets) {
  return has_packet_info(sockets.receive.get()) ? kPacketInfoBytes : 0;
}

}  // namespace

UringSocket::UringSocket(UdpSocketPair sockets, const DatagramSocketOptions& options)
    : sockets_(std::move(sockets)),
      nap_(options.nap),
      buffers_(buffer_count_of(options),
               kHeaderBytes + control_bytes_of(sockets_) + kMaxRequestBytes),
      // Room for a completion of every buffer and every send that fails: a full queue would end
      // the receive request again and again.
      ring_(kSubmissionEntries, buffers_.size() + kSubmissionEntries) {
  receive_template_.msg_namelen = kNameBytes;
  receive_template_.msg_controllen = control_bytes_of(sockets_);
  buffers_.register_with(ring_);
}

std::span<Datagram> UringSocket::receive(milliseconds timeout) noexcept {
  give_back_buffers();
  if (!is_armed_) arm();
  if (!submit_and_wait(timeout)) return {};
  return std::span(batch_).first(collect());
}

void UringSocket::arm() noexcept {
  io_uring_sqe* request = io_uring_get_sqe(ring_.get());
  CHECK(request != nullptr);
  io_uring_prep_recvmsg_multishot(request, sockets_.receive.get(), &receive_template_, 0);
  request->flags |= IOSQE_BUFFER_SELECT;
  request->buf_group = UringBuffers::kGroup;
  io_uring_sqe_set_data64(request, kReceiveTag);
  is_armed_ = true;
}

void UringSocket::give_back_buffers() noexcept {
  for (const std::uint16_t id : std::span(held_).first(held_count_)) buffers_.give_back(id);
  buffers_.publish();
  held_count_ = 0;
}

// Submits what was put off and waits for a completion. Returns whether the kernel took everything:
// otherwise the slots still belong to it.
bool UringSocket::submit_and_wait(milliseconds timeout) noexcept {
  io_uring* ring = ring_.get();
  int result = 0;
  if (io_uring_cq_ready(ring) > 0 || timeout <= milliseconds::zero()) {
    result = io_uring_submit_and_get_events(ring);
  } else {
    // The nap is a wait for a full batch: the kernel lets the thread sleep until there is one.
    if (was_short_ && !nap_.is_off()) result = wait_for(kMaxBatch, nap_.length());
    if (io_uring_cq_ready(ring) == 0 && result != -EINTR) result = wait_for(1, timeout);
  }
  if (result < 0 && result != -ETIME && result != -EINTR) {
    ++counters_.receive_errors;
    pause_after_error();
  }
  settle_sent();
  return io_uring_sq_ready(ring) == 0;
}

// Submits and waits for `count` completions. Returns what errno says, negative.
int UringSocket::wait_for(unsigned count, std::chrono::nanoseconds timeout) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  __kernel_timespec time{.tv_sec = seconds.count(), .tv_nsec = (timeout - seconds).count()};
  io_uring_cqe* first = nullptr;
  return io_uring_submit_and_wait_timeout(ring_.get(), &first, count, &time, nullptr);
}

// Fills batch_ and returns how many datagrams there are.
std::size_t UringSocket::collect() noexcept {
  std::size_t count = 0;
  unsigned seen = 0;
  unsigned head;
  io_uring_cqe* completion;
  io_uring_for_each_cqe(ring_.get(), head, completion) {
    if (held_count_ == kMaxBatch) break;
    ++seen;
    if (accept(*completion, count)) ++count;
  }
  io_uring_cq_advance(ring_.get(), seen);
  was_short_ = count > 0 && count < kMultishotRun;
  return count;
}

// Returns whether the completion is of a datagram that can be answered: it is batch_[index] then.
bool UringSocket::accept(const io_uring_cqe& completion, std::size_t index) noexcept {
  if (completion.user_data != kReceiveTag) {  // Only sends that failed complete visibly.
    ++counters_.send_errors;
    --unsettled_sent_;
    unsettled_sent_bytes_ -= static_cast<std::int64_t>(completion.user_data);
    return false;
  }
  if ((completion.flags & IORING_CQE_F_MORE) == 0) is_armed_ = false;
  if ((completion.flags & IORING_CQE_F_BUFFER) == 0) {
    // Out of buffers is how a deep queue shows: nothing is lost, what waits comes next time.
    if (completion.res != -ENOBUFS) {
      ++counters_.receive_errors;
      pause_after_error();
    }
    return false;
  }
  const auto id = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
  held_[held_count_++] = id;
  return read(buffers_[id], index);
}

bool UringSocket::read(MutableBytes buffer, std::size_t index) noexcept {
  io_uring_recvmsg_out header;
  std::memcpy(&header, buffer.data(), sizeof(header));
  if ((header.flags & MSG_TRUNC) != 0) {
    ++counters_.dropped_truncated;
    return false;
  }
  Slot& slot = slots_[index];
  std::memcpy(&slot.source, buffer.data() + sizeof(header), sizeof(slot.source));
  // The port is at the same place in both families.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  if (slot.source.v4.sin_port == 0) {
    ++counters_.dropped_port_zero;
    return false;
  }
  const std::size_t control_bytes = receive_template_.msg_controllen;
  if (control_bytes > 0) {
    const MutableBytes control = to_response_control(
        buffer.subspan(kHeaderBytes, std::min<std::size_t>(header.controllen, control_bytes)));
    std::ranges::copy(control, slot.control.begin());
    slot.message.msg_controllen = control.size();
  }
  batch_[index] = {to_endpoint(slot.source),
                   buffer.subspan(kHeaderBytes + control_bytes, header.payloadlen), slot.response,
                   0};
  ++counters_.received;
  counters_.received_bytes += header.payloadlen;
  return true;
}

void UringSocket::send(std::span<Datagram> batch) noexcept {
  for (const Datagram& datagram : batch) {
    const std::size_t bytes = datagram.response_bytes;
    if (bytes == 0) continue;
    CHECK(bytes <= kMaxResponseBytes);
    Slot& slot = slots_[static_cast<std::size_t>(&datagram - batch_.data())];
    io_uring_sqe* request = io_uring_get_sqe(ring_.get());
    CHECK(request != nullptr);
    // DONTWAIT: the send ends, either way, in the system call that submits it.
    if (receive_template_.msg_controllen == 0) {
      io_uring_prep_send(request, sockets_.send.get(), slot.response.data(), bytes, MSG_DONTWAIT);
      io_uring_prep_send_set_addr(request, &slot.source.any,
                                  static_cast<std::uint16_t>(length_of(slot.source)));
    } else {
      slot.response_vector = {slot.response.data(), bytes};
      slot.message = {.msg_name = &slot.source,
                      .msg_namelen = length_of(slot.source),
                      .msg_iov = &slot.response_vector,
                      .msg_iovlen = 1,
                      .msg_control = slot.control.data(),
                      .msg_controllen = slot.message.msg_controllen,
                      .msg_flags = 0};
      io_uring_prep_sendmsg(request, sockets_.send.get(), &slot.message, MSG_DONTWAIT);
    }
    request->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data64(request, bytes);
    ++unsettled_sent_;
    unsettled_sent_bytes_ += static_cast<std::int64_t>(bytes);
  }
}

void UringSocket::flush() noexcept {
  if (io_uring_sq_ready(ring_.get()) > 0) io_uring_submit(ring_.get());
  settle_sent();
}

// Counts what was submitted. A failure that is seen only later is taken off what comes next, so
// that counters never go down.
void UringSocket::settle_sent() noexcept {
  if (unsettled_sent_ < 0 || unsettled_sent_bytes_ < 0) return;
  counters_.sent += static_cast<std::uint64_t>(std::exchange(unsettled_sent_, 0));
  counters_.sent_bytes += static_cast<std::uint64_t>(std::exchange(unsettled_sent_bytes_, 0));
}

std::uint32_t UringSocket::kernel_drops() const noexcept {
  return net::kernel_drops(sockets_.receive.get());
}

}  // namespace aquatic::net
