// SPDX-License-Identifier: Apache-2.0
// Decimal numbers in text: digits and nothing else, no sign, no white space.
#pragma once
#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_buffer.h"

namespace aquatic {

// Nothing if it is no number or does not fit.
template <std::unsigned_integral T>
std::optional<T> parse_decimal(std::string_view text) noexcept {
  T number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  if (error != std::errc() || end != text_end) return std::nullopt;
  return number;
}

inline void append_decimal(std::integral auto number, ByteBuffer& out) {
  constexpr std::size_t kMaxDigits = 20;  // 2^64 - 1, and -2^63 with its sign.
  const MutableBytes room = out.room(kMaxDigits);
  char* const to = reinterpret_cast<char*>(room.data());
  out.commit(static_cast<std::size_t>(std::to_chars(to, to + kMaxDigits, number).ptr - to));
}

}  // namespace aquatic
