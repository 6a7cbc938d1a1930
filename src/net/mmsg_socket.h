// SPDX-License-Identifier: Apache-2.0
// The backend `mmsg`: one recvmmsg and one sendmmsg a batch.
//
// Works on every Linux and needs no privilege. The receiving socket is waited for in recvmmsg
// itself and never polled: a poller on it would be woken by every response that leaves.
#pragma once
#include <sys/socket.h>

#include <array>

#include "net/datagram_socket.h"
#include "net/nap.h"
#include "net/packet_info.h"
#include "net/socket_address.h"
#include "net/udp_socket.h"

namespace aquatic::net {

class MmsgSocket final : public DatagramSocket {
 public:
  MmsgSocket(UdpSocketPair sockets, const DatagramSocketOptions& options) noexcept;

  std::span<Datagram> receive(std::chrono::milliseconds timeout) noexcept override;
  void send(std::span<Datagram> batch) noexcept override;
  void flush() noexcept override {}
  const DatagramCounters& counters() const noexcept override { return counters_; }
  std::uint32_t kernel_drops() const noexcept override;

 private:
  // What the kernel reads and writes for one datagram. An odd number of cache lines: were it a
  // power of two, the first lines of all slots would compete for a few sets of the cache.
  struct alignas(64) Slot {
    SocketAddress source;
    iovec request_vector;
    iovec response_vector;
    alignas(cmsghdr) std::array<std::byte, kPacketInfoBytes> control;
    std::array<std::byte, kMaxRequestBytes> request;
    std::array<std::byte, kMaxResponseBytes> response;
  };
  static_assert(sizeof(Slot) / 64 % 2 == 1);

  int receive_batch(std::chrono::milliseconds timeout) noexcept;
  int receive_now(int flags) noexcept;
  bool accept(const mmsghdr& message, std::size_t slot) noexcept;
  std::size_t collect_responses(std::span<Datagram> batch) noexcept;

  UdpSocketPair sockets_;
  Nap nap_;
  std::size_t control_bytes_;              // 0 where the socket gives no packet information.
  std::chrono::milliseconds timeout_{-1};  // What the kernel was told last.
  bool was_short_ = false;                 // The last batch was neither empty nor full.
  DatagramCounters counters_;
  std::array<Datagram, kMaxBatch> batch_;
  std::array<std::uint8_t, kMaxBatch> slot_of_;  // Of each datagram of the batch.
  std::array<mmsghdr, kMaxBatch> incoming_{};
  std::array<mmsghdr, kMaxBatch> outgoing_{};
  std::array<Slot, kMaxBatch> slots_;
};

}  // namespace aquatic::net
