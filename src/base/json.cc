// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <fmt/format.h>  // Not core.h: libfmt holds no format_to that clang would find.

#include <cmath>
#include <cstddef>
#include <iterator>

namespace aquatic {
namespace {

constexpr bool is_continuation(unsigned char byte) noexcept { return (byte & 0xc0) == 0x80; }

// How long the character is that a byte of UTF-8 begins; 0 is none.
constexpr std::size_t bytes_of_character(unsigned char first) noexcept {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// RFC 3629: no character in more bytes than it needs, none above U+10FFFF, no surrogates.
constexpr bool is_second(unsigned char first, unsigned char second) noexcept {
  switch (first) {
    case 0xe0: return second >= 0xa0;
    case 0xed: return second < 0xa0;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second < 0x90;
    default: return true;
  }
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t bytes = bytes_of_character(first);
    if (bytes == 0 || bytes > text.size()) return false;
    for (std::size_t i = 1; i < bytes; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (!is_continuation(byte) || (i == 1 && !is_second(first, byte))) return false;
    }
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace

std::string escape_json(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      escaped += '\\';
      escaped += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      escaped += fmt::format("\\u{:04x}", c);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string to_utf8(std::string_view text) {
  std::string result(text);
  if (is_utf8(text)) return result;
  for (char& c : result) {
    if (static_cast<unsigned char>(c) > 0x7f) c = '?';
  }
  return result;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  text_ += '"';
  text_ += name;
  text_ += "\":";
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  text_ += '"';
  text_ += escape_json(to_utf8(text));
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  constexpr double kTooLarge = 1e18;
  if (!(std::abs(number) < kTooLarge)) return null();
  separate();
  if (std::abs(number) >= 100 || number == std::floor(number)) {
    fmt::format_to(std::back_inserter(text_), "{}", std::llround(number));
  } else {
    fmt::format_to(std::back_inserter(text_), "{:.2f}", number);
  }
  return *this;
}

JsonWriter& JsonWriter::integer(std::uint64_t number) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", number);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view text) {
  separate();
  text_ += text;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  return *this;
}

// Everything but the first in its brackets, and what belongs to a key, is behind a comma.
void JsonWriter::separate() {
  if (!text_.empty() && std::string_view("{[:").find(text_.back()) == std::string_view::npos) {
    text_ += ',';
  }
}

}  // namespace aquatic
