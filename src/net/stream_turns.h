// SPDX-License-Identifier: Apache-2.0
// Gives a handler its turns, and keeps for each stream what a turn leaves.
//
// Owns the two buffers that all streams of a worker share: one to receive into, one for what a
// handler has to say. Belongs to one worker; no I/O.
#pragma once
#include <array>
#include <cstddef>
#include <memory>

#include "base/byte_buffer.h"
#include "net/stream.h"
#include "net/stream_handler.h"

namespace aquatic::net {

class StreamTurns {
 public:
  // With `max_input_bytes` of input that a handler does not want, a stream is full.
  StreamTurns(std::size_t max_input_bytes, StreamHandler& handler);

  // All of the shared memory, for input that nobody will look at.
  MutableBytes scratch() noexcept { return *received_; }
  // Where input for the stream is received. Requires: the stream is not full.
  MutableBytes room(const Stream& stream) noexcept;

  // Lets the handler handle what has arrived in room() on top of what it left before. What it says
  // is then in unsent().
  void take(Stream& stream, StreamEvent event, Bytes fresh, Seconds now) noexcept;
  // Lets the handler have its say although nothing of the input or output has changed: something
  // was posted, or time has passed.
  void notify(Stream& stream, StreamEvent event, Bytes message, Seconds now) noexcept;
  // As much input as there may be, and the handler waits for more.
  bool is_full(const Stream& stream) const noexcept;

  // Output of this stream's turn, and of those before. Requires: the last turn was this stream's,
  // or something was kept.
  Bytes unsent(const Stream& stream) const noexcept;
  // Keeps what comes after the first `count` bytes of unsent().
  void keep_unsent(Stream& stream, std::size_t count) noexcept;

  // The handler's last words to a connection for which there is no stream.
  Bytes refuse(const Endpoint& peer, bool is_secure, Seconds now) noexcept;

 private:
  static constexpr std::size_t kReceiveBytes = 64 * 1024;
  // The handler's buffer is given back when it has grown beyond this.
  static constexpr std::size_t kMaxIdleOutputBytes = 256 * 1024;

  StreamTurn begin(Stream& stream, StreamEvent event, Bytes input, Seconds now) noexcept;
  void forget_output() noexcept;

  const std::size_t max_input_bytes_;
  StreamHandler& handler_;
  const std::unique_ptr<std::array<std::byte, kReceiveBytes>> received_;
  ByteBuffer output_;  // Of the last turn, if the stream had nothing unsent.
};

}  // namespace aquatic::net
