// SPDX-License-Identifier: Apache-2.0
// One connection between a peer and a handler, and what is unfinished on it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/byte_buffer.h"
#include "base/endpoint.h"
#include "net/io_result.h"
#include "net/stream_key.h"
#include "net/stream_socket.h"

namespace aquatic::net {

struct Stream {
  StreamKey key() const noexcept { return StreamKey{generation} << 32 | slot; }
  enum class Phase : std::uint8_t {
    proxy_header,  // A trusted proxy says first whose connection it is.
    first_byte,    // It tells TLS from plain text.
    handshake,     // Of TLS.
    open,          // The handler has its turns.
    linger,        // Our output has ended; input is thrown away until the peer closes.
  };

  // Whether nothing can go on before output has left.
  bool must_send_first(std::size_t max_output_bytes) const noexcept {
    return !output.is_empty() &&
           (has_more_output || needs_turn || is_last || output.size() > max_output_bytes);
  }
  // Whether the handler has a turn to come without any further input.
  bool has_turn_to_come() const noexcept { return has_more_output || needs_turn; }

  StreamSocket socket;
  ByteBuffer input;        // What the handler has left; or the beginning of a PROXY header.
  ByteBuffer output;       // What the socket has not taken.
  std::uint64_t memo = 0;  // The handler's.
  Endpoint peer;

  std::uint32_t slot = 0;        // Its number; used again when the stream is gone,
  std::uint32_t generation = 0;  // but not together with this.
  std::uint32_t watched = 0;     // The events that the poller looks for.
  // Of `output`, what was there when its deadline was set; while lingering, what was thrown away.
  std::uint32_t counted_bytes = 0;

  Phase phase = Phase::open;
  // What the socket has to be ready for before it is worth trying again. TLS may have to write
  // before it can read, and the other way round.
  IoResult::Status receive_wants = IoResult::Status::wants_read;
  IoResult::Status send_wants = IoResult::Status::wants_write;

  bool is_counted : 1 = false;       // The budget has it, at the address of `peer`.
  bool is_queued : 1 = false;        // To be served in the next round, whatever the poller says.
  bool had_turn : 1 = false;         // The handler knows of it.
  bool has_more_output : 1 = false;  // As the handler said last.
  bool is_last : 1 = false;          // As the handler said last.
  bool needs_turn : 1 = false;       // The handler may have left whole messages in the input.
  bool is_new_message : 1 = false;   // The input begins with another message than before.
  bool restarts_idle : 1 = false;    // The time that it may be idle begins again.
  bool has_unread : 1 = false;       // Input may remain that nobody will look at.
  bool is_attended : 1 = false;      // As the handler said last.
  bool is_input_ended : 1 = false;   // The peer will send no more.
  bool is_farewell : 1 = false;      // It was refused, and lingers so that the peer reads that.
};

// Most streams are idle, so this is what a connection costs us.
static_assert(sizeof(Stream) <= 144);

}  // namespace aquatic::net
