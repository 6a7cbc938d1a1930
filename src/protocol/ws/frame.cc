// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/frame.h"

#include <array>
#include <cstring>

#include "base/check.h"

namespace aquatic::ws {
namespace {

// First byte.
constexpr unsigned kFinalBit = 0x80;
constexpr unsigned kReservedBits = 0x70;
constexpr unsigned kOpcodeBits = 0x0f;
// Second byte.
constexpr unsigned kMaskedBit = 0x80;
constexpr unsigned kLengthBits = 0x7f;
// Lengths that say that the length follows.
constexpr unsigned kTwoByteLength = 126;
constexpr unsigned kEightByteLength = 127;
constexpr std::size_t kMaxTwoByteLength = 0xffff;

constexpr std::size_t kShortestHeaderBytes = 2;

Unexpected<FrameError> refuse(FrameError error) noexcept { return Unexpected<FrameError>(error); }

constexpr bool is_known(unsigned opcode) noexcept {
  return opcode <= static_cast<unsigned>(Opcode::binary) ||
         (opcode >= static_cast<unsigned>(Opcode::close) &&
          opcode <= static_cast<unsigned>(Opcode::pong));
}

// Final bit, reserved bits and opcode.
std::optional<FrameError> read_first_byte(Bytes input, FrameHeader& header) noexcept {
  if (input.empty()) return FrameError::incomplete;
  const auto bits = std::to_integer<unsigned>(input[0]);
  header.opcode = static_cast<Opcode>(bits & kOpcodeBits);
  header.is_final = (bits & kFinalBit) != 0;
  if ((bits & kReservedBits) != 0) return FrameError::reserved_bits;
  if (!is_known(bits & kOpcodeBits)) return FrameError::unknown_opcode;
  if (is_control(header.opcode) && !header.is_final) return FrameError::fragmented_control;
  return std::nullopt;
}

// The second byte, and the length that may follow it.
Expected<std::uint64_t, FrameError> read_length(Bytes input, Side sender,
                                                FrameHeader& header) noexcept {
  if (input.size() < kShortestHeaderBytes) return refuse(FrameError::incomplete);
  const auto bits = std::to_integer<unsigned>(input[1]);
  const bool is_masked = (bits & kMaskedBit) != 0;
  const unsigned short_length = bits & kLengthBits;
  if (is_masked != (sender == Side::client)) return refuse(FrameError::wrong_masking);
  if (is_control(header.opcode) && short_length > kMaxControlBytes) {
    return refuse(FrameError::large_control);
  }

  const Bytes rest = input.subspan(kShortestHeaderBytes);
  header.header_bytes = kShortestHeaderBytes;
  if (short_length < kTwoByteLength) return short_length;
  const bool is_wide = short_length == kEightByteLength;
  const std::size_t length_bytes = is_wide ? sizeof(std::uint64_t) : sizeof(std::uint16_t);
  if (rest.size() < length_bytes) return refuse(FrameError::incomplete);
  header.header_bytes += length_bytes;
  const std::uint64_t length = is_wide ? load_big_endian<std::uint64_t>(rest.data())
                                       : load_big_endian<std::uint16_t>(rest.data());
  const std::uint64_t least = is_wide ? kMaxTwoByteLength + 1 : kTwoByteLength;
  if (length < least || length >> 63 != 0) return refuse(FrameError::long_length);
  return length;
}

// A header that is being written.
struct HeaderBytes {
  std::array<std::byte, kMaxFrameHeaderBytes> bytes;
  std::size_t size = 0;

  template <std::unsigned_integral T>
  void add(T value) noexcept {
    store_big_endian(bytes.data() + size, value);
    size += sizeof(T);
  }
};

HeaderBytes header_of(Opcode opcode, std::size_t payload_bytes, std::optional<MaskingKey> key,
                      bool is_final) noexcept {
  HeaderBytes header;
  const auto byte = [&header](unsigned value) { header.add(static_cast<std::uint8_t>(value)); };
  const unsigned masked = key ? kMaskedBit : 0;
  byte((is_final ? kFinalBit : 0) | static_cast<unsigned>(opcode));
  if (payload_bytes < kTwoByteLength) {
    byte(masked | static_cast<unsigned>(payload_bytes));
  } else if (payload_bytes <= kMaxTwoByteLength) {
    byte(masked | kTwoByteLength);
    header.add(static_cast<std::uint16_t>(payload_bytes));
  } else {
    byte(masked | kEightByteLength);
    header.add(static_cast<std::uint64_t>(payload_bytes));
  }
  if (key) {
    std::memcpy(header.bytes.data() + header.size, &*key, sizeof(*key));
    header.size += sizeof(*key);
  }
  return header;
}

}  // namespace

Expected<FrameHeader, FrameError> decode_frame_header(Bytes input, Side sender,
                                                      std::size_t max_payload_bytes) noexcept {
  FrameHeader header;
  if (const auto error = read_first_byte(input, header)) return refuse(*error);
  const auto length = read_length(input, sender, header);
  if (!length) return refuse(length.error());
  if (*length > max_payload_bytes) return refuse(FrameError::too_large);
  header.payload_bytes = static_cast<std::size_t>(*length);
  if (sender == Side::client) {
    if (input.size() < header.header_bytes + sizeof(MaskingKey)) {
      return refuse(FrameError::incomplete);
    }
    header.key = load_native<MaskingKey>(input.data() + header.header_bytes);
    header.header_bytes += sizeof(MaskingKey);
  }
  return header;
}

void apply_mask(Bytes from, std::byte* to, MaskingKey key) noexcept {
  // The key repeats every four bytes, so a wider word of it is right at every multiple of four,
  // whatever the order of bytes in a word.
  const std::uint64_t wide_key = std::uint64_t{key} << 32 | key;
  std::size_t i = 0;
  for (; i + sizeof(wide_key) <= from.size(); i += sizeof(wide_key)) {
    const std::uint64_t word = load_native<std::uint64_t>(from.data() + i) ^ wide_key;
    std::memcpy(to + i, &word, sizeof(word));
  }
  std::array<std::byte, sizeof(key)> key_bytes;
  std::memcpy(key_bytes.data(), &key, sizeof(key));
  for (; i < from.size(); ++i) to[i] = from[i] ^ key_bytes[i % sizeof(key)];
}

void encode_frame(Opcode opcode, Bytes payload, ByteBuffer& out, std::optional<MaskingKey> key,
                  bool is_final) {
  const HeaderBytes header = header_of(opcode, payload.size(), key, is_final);
  std::byte* const to = out.room(header.size + payload.size()).data();
  std::memcpy(to, header.bytes.data(), header.size);
  if (key) {
    apply_mask(payload, to + header.size, *key);
  } else if (!payload.empty()) {
    std::memcpy(to + header.size, payload.data(), payload.size());
  }
  out.commit(header.size + payload.size());
}

void end_frame(Opcode opcode, std::size_t begin, ByteBuffer& out, std::optional<MaskingKey> key,
               bool is_final) {
  CHECK(begin <= out.size());
  const std::size_t payload_bytes = out.size() - begin;
  const HeaderBytes header = header_of(opcode, payload_bytes, key, is_final);
  // The payload makes room for its header. To keep room from the start would save this copy of
  // some hundred bytes, and need a guess of the length.
  out.room(header.size);
  std::byte* const frame = out.bytes().data() + begin;
  std::byte* const payload = frame + header.size;
  std::memmove(payload, frame, payload_bytes);
  std::memcpy(frame, header.bytes.data(), header.size);
  if (key) apply_mask({payload, payload_bytes}, payload, *key);
  out.commit(header.size);
}

void encode_close(CloseCode code, std::string_view reason, ByteBuffer& out,
                  std::optional<MaskingKey> key) {
  CHECK(reason.size() <= kMaxReasonBytes);
  const std::size_t begin = out.size();
  store_big_endian(out.room(sizeof(code)).data(), static_cast<std::uint16_t>(code));
  out.commit(sizeof(code));
  out.append(reason);
  end_frame(Opcode::close, begin, out, key);
}

}  // namespace aquatic::ws
