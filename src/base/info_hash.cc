// SPDX-License-Identifier: Apache-2.0
#include "base/info_hash.h"

#include <cstring>

namespace aquatic {
namespace {

// The value of a hexadecimal digit, or -1.
constexpr int digit_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

InfoHash InfoHash::copy_from(const std::byte* from) noexcept {
  InfoHash info_hash;
  std::memcpy(info_hash.bytes.data(), from, kBytes);
  return info_hash;
}

std::optional<InfoHash> InfoHash::parse_hex(std::string_view text) noexcept {
  if (text.size() != 2 * kBytes) return std::nullopt;
  InfoHash info_hash;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const int high = digit_value(text[2 * i]);
    const int low = digit_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    info_hash.bytes[i] = static_cast<std::byte>(high << 4 | low);
  }
  return info_hash;
}

std::string InfoHash::to_hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * kBytes);
  for (const std::byte b : bytes) {
    text += kDigits[std::to_integer<unsigned>(b) >> 4];
    text += kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

}  // namespace aquatic
