// SPDX-License-Identifier: Apache-2.0
// Who answers what comes in on streams: bytes in, bytes out, no sockets in sight.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "net/stream_key.h"

namespace aquatic::net {

// Why a handler is called.
enum class StreamEvent : std::uint8_t {
  input,    // `input` has grown.
  drained,  // All output has left, and the handler had said that it has more.
  message,  // Somebody has posted `message` to the stream, see Outbox and MailBundles.
  idle,  // Nothing has come for as long as that may be. Without any output, the stream is closed;
         // with some, such as a question whether the peer is there, it gets as long again.
  stopping,  // The tracker stops: the stream is closed as soon as it is idle.
  timeout,   // A message began and did not become whole in time. The stream is closed next.
  refused,   // One connection too many: there will be no input. The stream is closed next.
};

// One call of a handler, for one stream.
struct StreamTurn {
  // What the handler is told.
  StreamEvent event = StreamEvent::input;
  StreamKey stream = 0;    // Where messages to it have to be posted.
  Endpoint peer;           // Who it is, by the PROXY protocol where a trusted proxy speaks it.
  bool is_secure = false;  // Came through TLS.
  Bytes input;             // All that has arrived and was not consumed yet.
  Bytes message = {};      // What was posted; several are one behind the other.
  Seconds now = 0;

  // What the handler does.
  ByteBuffer& output;            // To be sent, appended to; may already have something.
  std::uint64_t& memo;           // The handler's own note on this stream, 0 at first.
  std::size_t consumed = 0;      // Bytes of `input` that need not be seen again.
  bool has_more_output = false;  // Call again, as `drained`, when everything has been sent. Until
                                 // then no input is read.
  // The stream is looked after: it is `idle` after another time than the rest, Wait::attended.
  // Stays as it is set.
  bool is_attended = false;
  // Close the stream once the output is sent. Whoever knows that input is still to come leaves some
  // of it unconsumed: then the peer gets the time to receive the output before the stream closes.
  bool is_last = false;
};

// Belongs to one worker.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // At `input` and `drained`, handles as many messages of the input as there are; stops early,
  // leaving the rest for the next turn, when output has grown beyond what the handler wants to be
  // outstanding. A message that is not whole yet is left in the input. Bytes that are left although
  // the input is as long as it may get close the stream.
  virtual void handle(StreamTurn& turn) noexcept = 0;
  // The stream of this note is gone, for whatever reason. Not called for refused ones.
  virtual void forget([[maybe_unused]] std::uint64_t memo) noexcept {}
};

}  // namespace aquatic::net
