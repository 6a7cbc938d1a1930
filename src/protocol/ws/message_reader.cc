// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/message_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace aquatic::ws {
namespace {

Unexpected<MessageError> refuse(MessageError error) noexcept {
  return Unexpected<MessageError>(error);
}

bool is_utf8(Bytes bytes) noexcept {
  return simdjson::validate_utf8(as_text(bytes).data(), bytes.size());
}

// Copies the payload of a frame to where it is to be read.
void unmask(const FrameHeader& header, Bytes payload, std::byte* to) noexcept {
  if (header.key) {
    apply_mask(payload, to, *header.key);
  } else if (!payload.empty()) {
    std::memcpy(to, payload.data(), payload.size());
  }
}

Expected<Close, MessageError> decode_close(Bytes payload) noexcept {
  if (payload.empty()) return Close{};
  if (payload.size() < sizeof(CloseCode)) return refuse(MessageError::bad_close);
  const auto code = load_big_endian<std::uint16_t>(payload.data());
  const Bytes reason = payload.subspan(sizeof(code));
  if (!is_sendable(code)) return refuse(MessageError::bad_close);
  if (!is_utf8(reason)) return refuse(MessageError::bad_text);
  return Close{code, as_text(reason)};
}

}  // namespace

CloseCode close_code_of(MessageError error) noexcept {
  switch (error) {
    case MessageError::large_frame:
    case MessageError::large_message: return CloseCode::too_large;
    case MessageError::bad_text: return CloseCode::invalid_text;
    case MessageError::bad_frame:
    case MessageError::missing_start:
    case MessageError::missing_end:
    case MessageError::bad_close: break;
  }
  return CloseCode::protocol_error;
}

// Control frames are as large as they may be, whatever the limits of messages.
MessageReader::MessageReader(Side sender, const MessageLimits& limits)
    : sender_(sender),
      limits_(limits),
      max_payload_bytes_(std::max(limits.max_frame_bytes, kMaxControlBytes)),
      buffer_(std::max(limits.max_message_bytes, kMaxControlBytes)) {}

MessageReader::Result MessageReader::next(Bytes& input, PartialMessage& partial) noexcept {
  while (!input.empty()) {
    const auto header = decode_frame_header(input, sender_, max_payload_bytes_);
    if (!header) {
      if (header.error() == FrameError::incomplete) return std::nullopt;
      return refuse(header.error() == FrameError::too_large ? MessageError::large_frame
                                                            : MessageError::bad_frame);
    }
    const auto error = check_place(*header, partial);
    if (error) return refuse(*error);
    const Bytes rest = input.subspan(header->header_bytes);
    if (rest.size() < header->payload_bytes) return std::nullopt;
    const Bytes payload = rest.first(header->payload_bytes);
    input = rest.subspan(header->payload_bytes);
    if (is_control(header->opcode)) return take_control(*header, payload);
    if (header->is_final) return take_last(*header, payload, partial);
    keep(*header, payload, partial);
  }
  return std::nullopt;
}

// What can be refused before the payload is there.
std::optional<MessageError> MessageReader::check_place(
    const FrameHeader& header, const PartialMessage& partial) const noexcept {
  if (is_control(header.opcode)) return std::nullopt;
  const bool is_continuation = header.opcode == Opcode::continuation;
  if (is_continuation && !partial.is_begun()) return MessageError::missing_start;
  if (!is_continuation && partial.is_begun()) return MessageError::missing_end;
  if (header.payload_bytes > limits_.max_frame_bytes) return MessageError::large_frame;
  const std::size_t room = limits_.max_message_bytes - partial.payload.size();
  if (header.payload_bytes > room) return MessageError::large_message;
  return std::nullopt;
}

MessageReader::Result MessageReader::take_control(const FrameHeader& header,
                                                  Bytes payload) noexcept {
  unmask(header, payload, buffer_.room().data());
  const Bytes bytes = buffer_.first(payload.size()).bytes;
  if (header.opcode == Opcode::ping) return Ping{bytes};
  if (header.opcode == Opcode::pong) return Pong{bytes};
  const auto close = decode_close(bytes);
  if (!close) return refuse(close.error());
  return *close;
}

MessageReader::Result MessageReader::take_last(const FrameHeader& header, Bytes payload,
                                               PartialMessage& partial) noexcept {
  const Opcode opcode = partial.is_begun() ? partial.opcode : header.opcode;
  const Bytes earlier = partial.payload.bytes();
  if (!earlier.empty()) std::memcpy(buffer_.room().data(), earlier.data(), earlier.size());
  unmask(header, payload, buffer_.room().data() + earlier.size());
  const PaddedBytes whole = buffer_.first(earlier.size() + payload.size());
  partial = PartialMessage();  // Its memory goes.
  const bool is_text = opcode == Opcode::text;
  if (is_text && !is_utf8(whole.bytes)) return refuse(MessageError::bad_text);
  return Message{whole, is_text};
}

void MessageReader::keep(const FrameHeader& header, Bytes payload,
                         PartialMessage& partial) noexcept {
  if (!partial.is_begun()) partial.opcode = header.opcode;
  if (payload.empty()) return;
  unmask(header, payload, partial.payload.room(payload.size()).data());
  partial.payload.commit(payload.size());
}

}  // namespace aquatic::ws
