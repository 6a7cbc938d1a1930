// SPDX-License-Identifier: Apache-2.0
// The backend `io_uring`: one standing receive request that fills buffers as datagrams arrive,
// and responses that are submitted by the system call that waits for the next requests.
//
// Needs Linux 6.1, and a container that allows io_uring.
#pragma once
#include <array>

#include "net/datagram_socket.h"
#include "net/nap.h"
#include "net/packet_info.h"
#include "net/socket_address.h"
#include "net/udp_socket.h"
#include "net/uring_ring.h"

namespace aquatic::net {

class UringSocket final : public DatagramSocket {
 public:
  // Throws std::runtime_error with the reason why this machine will not have it.
  UringSocket(UdpSocketPair sockets, const DatagramSocketOptions& options);

  std::span<Datagram> receive(std::chrono::milliseconds timeout) noexcept override;
  void send(std::span<Datagram> batch) noexcept override;
  void flush() noexcept override;
  const DatagramCounters& counters() const noexcept override { return counters_; }
  std::uint32_t kernel_drops() const noexcept override;

 private:
  // What the kernel reads to send one response: it is done with it when the system call that
  // submits it returns.
  struct alignas(64) Slot {
    SocketAddress source;
    iovec response_vector;
    msghdr message;  // Only where there is packet information.
    alignas(cmsghdr) std::array<std::byte, kPacketInfoBytes> control;
    std::array<std::byte, kMaxResponseBytes> response;
  };

  void arm() noexcept;
  void give_back_buffers() noexcept;
  bool submit_and_wait(std::chrono::milliseconds timeout) noexcept;
  int wait_for(unsigned count, std::chrono::nanoseconds timeout) noexcept;
  std::size_t collect() noexcept;
  bool accept(const io_uring_cqe& completion, std::size_t index) noexcept;
  bool read(MutableBytes buffer, std::size_t index) noexcept;
  void settle_sent() noexcept;

  UdpSocketPair sockets_;
  Nap nap_;
  msghdr receive_template_{};
  UringBuffers buffers_;
  UringRing ring_;
  bool is_armed_ = false;            // The receive request stands.
  bool was_short_ = false;           // The last batch left nothing in the kernel's queue.
  std::int64_t unsettled_sent_ = 0;  // Submitted, less those that failed; see settle_sent().
  std::int64_t unsettled_sent_bytes_ = 0;
  DatagramCounters counters_;
  std::size_t held_count_ = 0;
  std::array<std::uint16_t, kMaxBatch> held_;  // Buffers of the last batch, ours until the next.
  std::array<Datagram, kMaxBatch> batch_;
  std::array<Slot, kMaxBatch> slots_;
};

}  // namespace aquatic::net
