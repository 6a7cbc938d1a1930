// SPDX-License-Identifier: Apache-2.0
// Frames of the WebSocket protocol (RFC 6455 §5), decoded and encoded.
//
//   | final 1 bit, reserved 3, opcode 4 | masked 1, length 7 | length 0, 2 or 8 bytes
//   | masking key 0 or 4 bytes | payload |
//
// What clients send is masked, what servers send is not (§5.1).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/expected.h"
#include "protocol/ws/close_code.h"

namespace aquatic::ws {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

constexpr bool is_control(Opcode opcode) noexcept { return opcode >= Opcode::close; }

// §5.5. The payload of a close frame begins with its code.
inline constexpr std::size_t kMaxControlBytes = 125;
inline constexpr std::size_t kMaxReasonBytes = kMaxControlBytes - sizeof(CloseCode);
// The longest header: eight bytes of length and a key.
inline constexpr std::size_t kMaxFrameHeaderBytes = 14;

// The four bytes as they lie in memory.
using MaskingKey = std::uint32_t;

enum class Side : std::uint8_t { server, client };

struct FrameHeader {
  Opcode opcode = Opcode::continuation;
  bool is_final = true;
  std::optional<MaskingKey> key;  // Frames of clients have one.
  std::size_t payload_bytes = 0;
  std::size_t header_bytes = 0;  // How long the header itself is.

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

enum class FrameError : std::uint8_t {
  incomplete,          // More bytes are needed.
  reserved_bits,       // Set, though no extension gives them a meaning.
  unknown_opcode,      // One of those kept for later.
  fragmented_control,  // A control frame that is not final.
  large_control,       // A control frame of more than kMaxControlBytes.
  long_length,         // A length that fits into fewer bytes, or of more than 63 bits.
  wrong_masking,       // A client's without, or a server's with a key.
  too_large,           // More payload than allowed.
};

// Decodes the header that `input` begins with, as soon as its bytes decide: what can be refused is
// refused though it is incomplete. Requires: nothing of `input`.
Expected<FrameHeader, FrameError> decode_frame_header(Bytes input, Side sender,
                                                      std::size_t max_payload_bytes) noexcept;

// Masks or unmasks, which is the same: byte i is combined with byte i mod 4 of the key.
// Requires: room for from.size() bytes at `to`, which is where `from` begins or does not overlap
// it.
void apply_mask(Bytes from, std::byte* to, MaskingKey key) noexcept;

// Appends a frame. Clients give a key, servers none.
void encode_frame(Opcode opcode, Bytes payload, ByteBuffer& out,
                  std::optional<MaskingKey> key = std::nullopt, bool is_final = true);
// Makes a frame of what was appended since `begin`, an earlier size of `out`: for payloads whose
// length is known when they are written.
void end_frame(Opcode opcode, std::size_t begin, ByteBuffer& out,
               std::optional<MaskingKey> key = std::nullopt, bool is_final = true);
// Appends a close frame. Requires: UTF-8, and no more than kMaxReasonBytes.
void encode_close(CloseCode code, std::string_view reason, ByteBuffer& out,
                  std::optional<MaskingKey> key = std::nullopt);

}  // namespace aquatic::ws
