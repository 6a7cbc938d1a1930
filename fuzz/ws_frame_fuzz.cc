// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as the stream of a WebSocket connection. Byte by byte the same messages come out
// as at once, within the limits, and a header that is decoded and encoded again is the same.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "protocol/ws/message_reader.h"

namespace aquatic::ws {
namespace {

// Small, so that inputs reach them.
constexpr MessageLimits kLimits{.max_frame_bytes = 300, .max_message_bytes = 400};

struct Outcome {
  std::string messages;  // Each behind a letter for its kind.
  int close_code = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void add(const Received& received, std::string& messages) {
  if (const auto* message = std::get_if<Message>(&received)) {
    CHECK(message->payload.bytes.size() <= kLimits.max_message_bytes);
    messages += message->is_text ? 't' : 'b';
    messages += as_text(message->payload.bytes);
  } else if (const auto* close = std::get_if<Close>(&received)) {
    CHECK(close->reason.size() <= kMaxReasonBytes);
    CHECK(!close->code || is_sendable(*close->code));
    messages += 'c' + std::to_string(close->code.value_or(0));
    messages += close->reason;
  } else {
    const auto* ping = std::get_if<Ping>(&received);
    const Bytes payload = ping != nullptr ? ping->payload : std::get<Pong>(received).payload;
    CHECK(payload.size() <= kMaxControlBytes);
    messages += ping != nullptr ? 'i' : 'o';
    messages += as_text(payload);
  }
}

// Feeds the stream in pieces. What the reader leaves is copied, so that AddressSanitizer watches
// both ends of it.
Outcome read(Bytes stream, Side sender, std::size_t piece_bytes) {
  MessageReader reader(sender, kLimits);
  PartialMessage partial;
  Outcome outcome;
  std::vector<std::byte> left;
  while (!stream.empty()) {
    const Bytes piece = stream.first(std::min(piece_bytes, stream.size()));
    stream = stream.subspan(piece.size());
    left.insert(left.end(), piece.begin(), piece.end());
    const std::vector<std::byte> exact(left.begin(), left.end());
    Bytes input = exact;
    for (;;) {
      const auto received = reader.next(input, partial);
      if (!received) {
        outcome.close_code = static_cast<int>(close_code_of(received.error()));
        return outcome;
      }
      CHECK(partial.payload.size() <= kLimits.max_message_bytes);
      CHECK(partial.is_begun() || partial.payload.capacity() == 0);
      if (!*received) break;
      add(**received, outcome.messages);
    }
    CHECK(input.size() <= kLimits.max_frame_bytes + kMaxFrameHeaderBytes);
    left.assign(input.begin(), input.end());
  }
  return outcome;
}

void check_header(Bytes input, Side sender) {
  const auto header = decode_frame_header(input, sender, SIZE_MAX);
  if (!header) return;
  CHECK(header->header_bytes <= std::min(input.size(), kMaxFrameHeaderBytes));
  CHECK(header->key.has_value() == (sender == Side::client));
  if (header->payload_bytes > 100'000) return;
  ByteBuffer out;
  const std::vector<std::byte> payload(header->payload_bytes);
  encode_frame(header->opcode, payload, out, header->key, header->is_final);
  CHECK(out.size() == header->header_bytes + header->payload_bytes);
  CHECK(std::ranges::equal(Bytes(out.bytes()).first(header->header_bytes),
                           input.first(header->header_bytes)));
}

void check(Bytes stream) {
  for (const Side sender : {Side::client, Side::server}) {
    check_header(stream, sender);
    const Outcome whole = read(stream, sender, SIZE_MAX);
    CHECK(read(stream, sender, 1) == whole);
    CHECK(read(stream, sender, 7) == whole);
  }
}

}  // namespace
}  // namespace aquatic::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::ws::check(std::as_bytes(std::span(data, size)));
  return 0;
}
