// SPDX-License-Identifier: Apache-2.0
// A UDP socket that receives and answers datagrams in batches.
//
// The one narrow interface in front of every way to move datagrams (recvmmsg, io_uring, memory in
// tests). The backend owns all buffers. Each object belongs to the thread that makes it, uses it
// and destroys it.
//
//   while (!stopping) {
//     auto batch = socket->receive(250ms);
//     handler.handle(batch, clock.now());
//     socket->send(batch);
//   }
//   socket->flush();
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/endpoint.h"

namespace aquatic::net {

// The longest response: what any path carries unfragmented (IPv6 minimum MTU less headers).
inline constexpr std::size_t kMaxResponseBytes = 1232;
// The longest datagram that is received whole; a longer one is dropped and counted.
inline constexpr std::size_t kMaxRequestBytes = 2048;
// Datagrams in one batch at most. Measured: 32 costs 2 % more CPU, 128 gains nothing.
inline constexpr std::size_t kMaxBatch = 64;

// One received datagram and the room for its answer.
struct Datagram {
  Endpoint source;
  Bytes payload;
  MutableBytes response_room;      // kMaxResponseBytes.
  std::size_t response_bytes = 0;  // Set by the handler; 0 sends nothing.
};

// Since the socket was made. Bytes are of payloads.
struct DatagramCounters {
  std::uint64_t received = 0;  // Handed to the caller.
  std::uint64_t received_bytes = 0;
  // A backend that learns late of a failure takes it off what it sends next.
  std::uint64_t sent = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t dropped_truncated = 0;  // Longer than kMaxRequestBytes.
  std::uint64_t dropped_port_zero = 0;  // From source port 0, which cannot be answered.
  std::uint64_t receive_errors = 0;
  std::uint64_t send_errors = 0;  // Responses the kernel would not take.
};

class DatagramSocket {
 public:
  DatagramSocket() = default;
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;
  virtual ~DatagramSocket() = default;

  // Waits for at least one datagram, `timeout` at the most (0 does not wait), and returns up to
  // kMaxBatch. They are valid until the next call. An empty batch means that the time was up, a
  // signal came, or nothing that arrived was fit to be answered.
  virtual std::span<Datagram> receive(std::chrono::milliseconds timeout) noexcept = 0;

  // Sends every response of the batch that receive() returned last, each to where its request came
  // from and, where several are possible, from the address that was asked. May be put off until
  // the next receive() or flush(), and so may its counting. Never blocks: what the kernel does not
  // take is dropped and counted, and the others are sent all the same.
  // Requires: `batch` is what receive() returned last, or a part of it; once for each datagram.
  virtual void send(std::span<Datagram> batch) noexcept = 0;

  // Sends what was put off. For whoever does not call receive() again: a worker that stops.
  virtual void flush() noexcept = 0;

  virtual const DatagramCounters& counters() const noexcept = 0;

  // Datagrams that the kernel dropped since the socket was opened, for want of room in the receive
  // buffer above all; wraps at 2^32. Asks the kernel each time. May be called from any thread.
  virtual std::uint32_t kernel_drops() const noexcept = 0;
};

// What an operator chooses. Backends ignore what does not concern them.
struct DatagramSocketOptions {
  // How long receive() sleeps after a batch that was not full before it looks again, so that one
  // wake-up serves many datagrams; if none came meanwhile it waits as usual, hence an idle socket
  // answers at once. 0 never sleeps.
  std::chrono::microseconds nap{100};
  // io_uring: receive buffers, rounded up to a power of two, 128 at least. A deeper queue waits in
  // the kernel meanwhile; 4096 buffers cost 7 % more CPU than 128, since they are colder.
  std::uint32_t ring_size = 128;
};

}  // namespace aquatic::net
