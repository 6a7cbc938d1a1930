// SPDX-License-Identifier: Apache-2.0
// Messages of a WebSocket connection, put together from the bytes of its stream (RFC 6455 §5.4).
//
// One reader serves all connections of a worker: it has the buffer in which messages are unmasked.
// What a connection needs of its own is a PartialMessage, and that holds memory only between the
// first and the last fragment of a message. Most messages have one fragment.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/expected.h"
#include "protocol/ws/close_code.h"
#include "protocol/ws/frame.h"
#include "protocol/ws/padded_buffer.h"

namespace aquatic::ws {

struct MessageLimits {
  std::size_t max_frame_bytes = 64 * 1024;    // Payload of one frame.
  std::size_t max_message_bytes = 64 * 1024;  // Payloads of all its fragments.
};

// What has arrived of a message. Its memory is at most twice the largest message.
struct PartialMessage {
  ByteBuffer payload;
  Opcode opcode = Opcode::continuation;  // Of the first fragment: text, binary, or none yet.

  // Whether fragments are to come. That they come in time is for others to watch.
  bool is_begun() const noexcept { return opcode != Opcode::continuation; }
};

// What a peer sends. Payloads are the reader's: they stay until its next message.
struct Message {
  PaddedBytes payload;
  bool is_text = true;  // Then it is UTF-8.
};
struct Ping {
  Bytes payload;  // Goes back in a pong.
};
struct Pong {
  Bytes payload;
};
struct Close {
  std::optional<std::uint16_t> code;  // One that is_sendable().
  std::string_view reason;            // UTF-8.
};
using Received = std::variant<Message, Ping, Pong, Close>;

enum class MessageError : std::uint8_t {
  bad_frame,      // See FrameError.
  missing_start,  // A continuation of nothing.
  missing_end,    // A new message inside another.
  large_frame,
  large_message,
  bad_text,   // Not UTF-8.
  bad_close,  // A code that is cut short or reserved.
};
CloseCode close_code_of(MessageError error) noexcept;

class MessageReader {
 public:
  // `sender` is the other side.
  MessageReader(Side sender, const MessageLimits& limits);

  // Takes the next message from the front of `input`, or nothing if it is not whole: then what is
  // left of `input` has to come again, with more behind it. A frame is left until it is whole, so
  // the stream has to keep as much as a frame and its header may have.
  // After an error the connection is closed with its code, after a Close with the peer's.
  Expected<std::optional<Received>, MessageError> next(Bytes& input,
                                                       PartialMessage& partial) noexcept;

 private:
  using Result = Expected<std::optional<Received>, MessageError>;

  std::optional<MessageError> check_place(const FrameHeader& header,
                                          const PartialMessage& partial) const noexcept;
  Result take_control(const FrameHeader& header, Bytes payload) noexcept;
  Result take_last(const FrameHeader& header, Bytes payload, PartialMessage& partial) noexcept;
  void keep(const FrameHeader& header, Bytes payload, PartialMessage& partial) noexcept;

  const Side sender_;
  const MessageLimits limits_;
  const std::size_t max_payload_bytes_;
  PaddedBuffer buffer_;
};

}  // namespace aquatic::ws
