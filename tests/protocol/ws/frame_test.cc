// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/hex.h"

namespace aquatic::ws {
namespace {

using test::hex;
using testing::ElementsAreArray;
using Blob = std::vector<std::byte>;

constexpr std::size_t kLimit = 64 * 1024;

// The key of the examples in RFC 6455 §5.7.
MaskingKey example_key() { return load_native<MaskingKey>(hex("37fa213d").data()); }

Blob to_blob(const ByteBuffer& buffer) {
  const Bytes bytes = buffer.bytes();
  return {bytes.begin(), bytes.end()};
}

Blob encoded(Opcode opcode, Bytes payload, std::optional<MaskingKey> key, bool is_final = true) {
  ByteBuffer out;
  encode_frame(opcode, payload, out, key, is_final);
  return to_blob(out);
}

// What became of a header: its error, or nothing.
std::optional<FrameError> error_of(std::string_view hexadecimal, Side sender = Side::client,
                                   std::size_t max_payload_bytes = kLimit) {
  const auto header = decode_frame_header(hex(hexadecimal), sender, max_payload_bytes);
  return header ? std::nullopt : std::optional(header.error());
}

Blob naively_masked(Bytes bytes, MaskingKey key) {
  Blob masked(bytes.begin(), bytes.end());
  const auto* const key_bytes = reinterpret_cast<const std::byte*>(&key);
  for (std::size_t i = 0; i < masked.size(); ++i) masked[i] ^= key_bytes[i % 4];
  return masked;
}

// RFC 6455 §5.7, byte by byte.
struct Example {
  std::string_view frame;
  Opcode opcode;
  bool is_final;
  bool is_masked;
  std::string_view payload;
};

constexpr Example kExamples[] = {
    {"81 05 48656c6c6f", Opcode::text, true, false, "Hello"},
    {"81 85 37fa213d 7f9f4d5158", Opcode::text, true, true, "Hello"},
    {"01 03 48656c", Opcode::text, false, false, "Hel"},
    {"80 02 6c6f", Opcode::continuation, true, false, "lo"},
    {"89 05 48656c6c6f", Opcode::ping, true, false, "Hello"},
    {"8a 85 37fa213d 7f9f4d5158", Opcode::pong, true, true, "Hello"},
};

TEST(FrameExamples, AreDecoded) {
  for (const Example& example : kExamples) {
    const Blob frame = hex(example.frame);
    const Side sender = example.is_masked ? Side::client : Side::server;
    const auto header = decode_frame_header(frame, sender, kLimit);
    ASSERT_TRUE(header) << example.frame;
    EXPECT_EQ(header->opcode, example.opcode) << example.frame;
    EXPECT_EQ(header->is_final, example.is_final) << example.frame;
    EXPECT_EQ(header->key.has_value(), example.is_masked) << example.frame;
    EXPECT_EQ(header->header_bytes, example.is_masked ? 6u : 2u) << example.frame;
    ASSERT_EQ(header->payload_bytes, example.payload.size()) << example.frame;
    Blob payload(frame.begin() + static_cast<std::ptrdiff_t>(header->header_bytes), frame.end());
    if (header->key) apply_mask(payload, payload.data(), *header->key);
    EXPECT_EQ(as_text(payload), example.payload) << example.frame;
  }
}

TEST(FrameExamples, AreEncoded) {
  for (const Example& example : kExamples) {
    const auto key = example.is_masked ? std::optional(example_key()) : std::nullopt;
    EXPECT_THAT(encoded(example.opcode, as_bytes(example.payload), key, example.is_final),
                ElementsAreArray(hex(example.frame)));
  }
}

TEST(FrameExamples, LongLengths) {
  const Blob medium(256), large(65536);
  const Blob medium_frame = encoded(Opcode::binary, medium, std::nullopt);
  const Blob large_frame = encoded(Opcode::binary, large, std::nullopt);
  EXPECT_THAT(Bytes(medium_frame).first(4), ElementsAreArray(hex("82 7e 0100")));
  EXPECT_EQ(medium_frame.size(), 4u + 256);
  EXPECT_THAT(Bytes(large_frame).first(10), ElementsAreArray(hex("82 7f 0000000000010000")));
  EXPECT_EQ(large_frame.size(), 10u + 65536);
}

TEST(FrameHeader, RefusesReservedBits) {
  for (const auto* frame : {"c1 80 00000000", "a1 80 00000000", "91 80 00000000", "f1", "f8 80"}) {
    EXPECT_EQ(error_of(frame), FrameError::reserved_bits) << frame;
  }
}

TEST(FrameHeader, RefusesUnknownOpcodes) {
  for (const auto* frame : {"83", "84", "85", "86", "87", "8b", "8c", "8d", "8e", "8f", "03"}) {
    EXPECT_EQ(error_of(frame), FrameError::unknown_opcode) << frame;
  }
}

TEST(FrameHeader, RefusesControlFramesInFragments) {
  for (const auto* frame : {"08", "09", "0a"}) {
    EXPECT_EQ(error_of(frame), FrameError::fragmented_control) << frame;
  }
}

TEST(FrameHeader, RefusesLargeControlFrames) {
  for (const auto* opcode : {"88", "89", "8a"}) {
    EXPECT_EQ(error_of(std::string(opcode) + "fd 00000000"), std::nullopt) << opcode;
    EXPECT_EQ(error_of(std::string(opcode) + "fe"), FrameError::large_control) << opcode;
    EXPECT_EQ(error_of(std::string(opcode) + "ff"), FrameError::large_control) << opcode;
  }
}

TEST(FrameHeader, RefusesLengthsThatAreNotTheShortest) {
  EXPECT_EQ(error_of("81 fe 007d"), FrameError::long_length);
  EXPECT_EQ(error_of("81 fe 007e 00000000"), std::nullopt);
  EXPECT_EQ(error_of("81 ff 000000000000ffff"), FrameError::long_length);
  EXPECT_EQ(error_of("81 ff 0000000000010000 00000000"), std::nullopt);
  EXPECT_EQ(error_of("81 ff 0000000000000000"), FrameError::long_length);
}

TEST(FrameHeader, RefusesLengthsOfMoreThan63Bits) {
  for (const std::size_t limit : {kLimit, SIZE_MAX}) {
    EXPECT_EQ(error_of("81 ff 8000000000000000", Side::client, limit), FrameError::long_length);
    EXPECT_EQ(error_of("81 ff ffffffffffffffff", Side::client, limit), FrameError::long_length);
  }
  EXPECT_EQ(error_of("81 ff 7fffffffffffffff"), FrameError::too_large);
}

TEST(FrameHeader, RefusesClientsWithoutAndServersWithKey) {
  EXPECT_EQ(error_of("81 05", Side::client), FrameError::wrong_masking);
  EXPECT_EQ(error_of("81 85", Side::server), FrameError::wrong_masking);
  EXPECT_EQ(error_of("88 00", Side::client), FrameError::wrong_masking);
}

TEST(FrameHeader, RefusesMoreThanTheLimit) {
  EXPECT_EQ(error_of("82 fe 03e8 00000000", Side::client, 1000), std::nullopt);
  EXPECT_EQ(error_of("82 fe 03e9", Side::client, 1000), FrameError::too_large);
  EXPECT_EQ(error_of("82 ff 0000000000010000 00000000", Side::client, 65536), std::nullopt);
  EXPECT_EQ(error_of("82 ff 0000000000010001", Side::client, 65536), FrameError::too_large);
  EXPECT_EQ(error_of("82 01", Side::server, 0), FrameError::too_large);
}

TEST(FrameHeader, WantsMoreOfWhatIsCutShort) {
  for (const auto* frame :
       {"8185 37fa213d", "81fe 007e 37fa213d", "81ff 0000000000010000 37fa213d", "8980 37fa213d"}) {
    const Blob whole = hex(frame);
    EXPECT_TRUE(decode_frame_header(whole, Side::client, kLimit)) << frame;
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
      // A copy of exactly this size, for AddressSanitizer to watch its end.
      const Blob part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes));
      const auto header = decode_frame_header(part, Side::client, kLimit);
      ASSERT_FALSE(header) << frame << " " << bytes;
      EXPECT_EQ(header.error(), FrameError::incomplete) << frame << " " << bytes;
    }
  }
}

// Every length around the width of a word, at every alignment of both ends, in place and not.
TEST(Mask, IsTheSameAsByteByByte) {
  Blob source(100);
  for (std::size_t i = 0; i < source.size(); ++i) source[i] = static_cast<std::byte>(7 * i + 1);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    for (std::size_t bytes = 0; bytes <= 70; ++bytes) {
      const Bytes from = Bytes(source).subspan(offset, bytes);
      const Blob expected = naively_masked(from, example_key());
      Blob to(offset / 2 + bytes);  // Exactly as long as needed.
      apply_mask(from, to.data() + offset / 2, example_key());
      EXPECT_THAT(Bytes(to).subspan(offset / 2), ElementsAreArray(expected));
      Blob in_place = source;
      apply_mask(Bytes(in_place).subspan(offset, bytes), in_place.data() + offset, example_key());
      EXPECT_THAT(Bytes(in_place).subspan(offset, bytes), ElementsAreArray(expected));
      EXPECT_TRUE(std::ranges::equal(Bytes(in_place).subspan(offset + bytes),
                                     Bytes(source).subspan(offset + bytes)));
    }
  }
}

TEST(EndFrame, MakesWhatEncodeFrameMakes) {
  for (const std::size_t bytes : {0u, 1u, 125u, 126u, 1000u, 65535u, 65536u}) {
    const Blob payload(bytes, std::byte{'x'});
    for (const auto key : {std::optional<MaskingKey>(), std::optional(example_key())}) {
      ByteBuffer whole, ended;
      whole.append("before");
      encode_frame(Opcode::text, payload, whole, key);
      ended.append("before");
      ended.append(payload);
      end_frame(Opcode::text, 6, ended, key);
      EXPECT_TRUE(std::ranges::equal(whole.bytes(), ended.bytes())) << bytes;
    }
  }
}

TEST(EndFrameDeathTest, RefusesABeginBehindTheEnd) {
  ByteBuffer out;
  EXPECT_DEATH(end_frame(Opcode::text, 1, out), "CHECK failed");
}

TEST(EncodeClose, WritesCodeAndReason) {
  ByteBuffer out;
  encode_close(CloseCode::too_large, "big", out);
  EXPECT_THAT(to_blob(out), ElementsAreArray(hex("88 05 03f1 626967")));
  out.clear();
  encode_close(CloseCode::normal, "", out, example_key());
  EXPECT_THAT(to_blob(out), ElementsAreArray(hex("88 82 37fa213d 3412")));
}

TEST(EncodeCloseDeathTest, RefusesAReasonThatIsTooLong) {
  ByteBuffer out;
  encode_close(CloseCode::normal, std::string(kMaxReasonBytes, 'x'), out);
  EXPECT_EQ(out.size(), 2 + kMaxControlBytes);
  EXPECT_DEATH(encode_close(CloseCode::normal, std::string(kMaxReasonBytes + 1, 'x'), out),
               "CHECK failed");
}

RC_GTEST_PROP(Frame, DecodesToWhatWasEncoded, ()) {
  const auto opcode = *rc::gen::element(Opcode::continuation, Opcode::text, Opcode::binary,
                                        Opcode::close, Opcode::ping, Opcode::pong);
  const auto key = *rc::gen::maybe(rc::gen::arbitrary<MaskingKey>());
  const bool is_final = is_control(opcode) || *rc::gen::arbitrary<bool>();
  const auto max_bytes = is_control(opcode) ? kMaxControlBytes : std::size_t{70'000};
  const Blob payload(*rc::gen::inRange<std::size_t>(0, max_bytes + 1), std::byte{0x5a});

  const std::optional<MaskingKey> used = key ? std::optional(*key) : std::nullopt;
  const Blob frame = encoded(opcode, payload, used, is_final);
  const auto header =
      decode_frame_header(frame, used ? Side::client : Side::server, payload.size());
  RC_ASSERT(header.has_value());
  RC_ASSERT((*header ==
             FrameHeader{opcode, is_final, used, payload.size(), frame.size() - payload.size()}));
  const Bytes sent = Bytes(frame).subspan(header->header_bytes);
  RC_ASSERT(std::ranges::equal(sent, used ? naively_masked(payload, *used) : payload));
}

}  // namespace
}  // namespace aquatic::ws
