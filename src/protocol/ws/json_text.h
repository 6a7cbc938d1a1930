// SPDX-License-Identifier: Apache-2.0
// Bytes and text as JSON strings (RFC 8259 §7), and back.
//
// A byte string, as WebTorrent has it, is a string with one character for each byte, of the byte's
// number: U+0000 to U+00FF. Nothing else can be told from how a character was written.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"

namespace aquatic::ws {

// Appends a byte string with its quotes; escapes are where JSON wants them and nowhere else.
void append_byte_string(Bytes bytes, ByteBuffer& out);

// Reads the characters of a byte string, without quotes and escapes. Whether they are as many as
// `to` has room for and none is above U+00FF; else what is in `to` means nothing.
// Requires: UTF-8.
bool decode_byte_string(std::string_view text, std::span<std::byte> to) noexcept;

// Appends text as the inside of a JSON string. Requires: UTF-8.
void append_escaped(std::string_view text, ByteBuffer& out);

}  // namespace aquatic::ws
