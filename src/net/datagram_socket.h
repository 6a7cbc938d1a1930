// SPDX-License-Identifier: Apache-2.0
// A UDP socket that receives and answers datagrams in batches.
//
// The one narrow interface in front of every way to move datagrams (recvmmsg, io_uring, memory in
// tests). The backend owns all buffers. Each object belongs to one thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/endpoint.h"

namespace aquatic::net {

// The longest response: what any path carries unfragmented (IPv6 minimum MTU less headers).
inline constexpr std::size_t kMaxResponseBytes = 1232;
// The longest datagram that is received whole; a longer one is dropped and counted.
inline constexpr std::size_t kMaxRequestBytes = 2048;
// Datagrams in one batch at most.
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
  std::uint64_t received = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t dropped_truncated = 0;   // Longer than kMaxRequestBytes.
  std::uint64_t dropped_port_zero = 0;   // From source port 0, which cannot be answered.
  std::uint64_t receive_errors = 0;
  std::uint64_t send_errors = 0;         // Responses the kernel would not take.
};

class DatagramSocket {
 public:
  virtual ~DatagramSocket() = default;

  // Waits for at least one datagram, `timeout` at the most, and returns up to kMaxBatch. They are
  // valid until the next call. An empty batch means that the time was up or a signal came.
  virtual std::span<Datagram> receive(std::chrono::milliseconds timeout) noexcept = 0;

  // Sends every response of the batch that receive() returned last, each to where its request came
  // from and, where several are possible, from the address that was asked. May be put off until
  // the next receive(). Never blocks: what the kernel does not take is dropped and counted.
  virtual void send(std::span<Datagram> batch) noexcept = 0;

  virtual const DatagramCounters& counters() const noexcept = 0;
};

}  // namespace aquatic::net
