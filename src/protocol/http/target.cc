// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/target.h"

#include <algorithm>
#include <array>

#include "protocol/http/header_list.h"

namespace aquatic::http {
namespace {

constexpr std::array<std::int8_t, 256> digit_values() noexcept {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (int i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = std::int8_t(i);
  for (int i = 0; i < 6; ++i) {
    values[static_cast<std::size_t>('a' + i)] = std::int8_t(10 + i);
    values[static_cast<std::size_t>('A' + i)] = std::int8_t(10 + i);
  }
  return values;
}

// The values of hexadecimal digits, -1 for all other bytes.
constexpr auto kDigitValues = digit_values();

int digit_value(char digit) noexcept { return kDigitValues[static_cast<unsigned char>(digit)]; }

bool is_unreserved(unsigned char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// What follows the authority of "http://authority/path?query", or nothing.
std::string_view after_authority(std::string_view target) noexcept {
  constexpr std::string_view kMark = "://";
  const std::size_t scheme_end = target.find(kMark);
  if (scheme_end == std::string_view::npos) return {};
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return {};
  target.remove_prefix(scheme_end + kMark.size());
  target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
  return target;
}

}  // namespace

Target split_target(std::string_view target) noexcept {
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/')) target = after_authority(target);
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {.path = target, .query = {}};
  return {.path = target.substr(0, mark), .query = target.substr(mark + 1)};
}

Route route_of(std::string_view path) noexcept {
  if (!path.starts_with('/')) return Route::unknown;
  std::string_view name = path.substr(1);
  if (name == "health") return Route::health;
  // Of "passkey/announce" the second segment counts.
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (name == "announce") return Route::announce;
  return name == "scrape" ? Route::scrape : Route::unknown;
}

std::optional<Parameter> Parameters::next() noexcept {
  while (!rest_.empty()) {
    const std::size_t length = std::min(rest_.find('&'), rest_.size());
    const std::string_view part = rest_.substr(0, length);
    rest_.remove_prefix(std::min(length + 1, rest_.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    return Parameter{.key = part.substr(0, equals),
                     .value = part.substr(std::min(equals + 1, part.size()))};
  }
  return std::nullopt;
}

std::optional<std::size_t> percent_decode(std::string_view text, MutableBytes out) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (count == out.size()) return std::nullopt;
    if (text[i] != '%') {
      out[count++] = static_cast<std::byte>(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = digit_value(text[i + 1]);
    const int low = digit_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out[count++] = static_cast<std::byte>(high << 4 | low);
    i += 2;
  }
  return count;
}

void percent_encode(Bytes bytes, ByteBuffer& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";  // Upper case: RFC 3986 §2.1.
  const MutableBytes room = out.room(3 * bytes.size());
  std::size_t count = 0;
  const auto put = [&](char c) { room[count++] = static_cast<std::byte>(c); };
  for (const std::byte byte : bytes) {
    const auto c = std::to_integer<unsigned char>(byte);
    if (is_unreserved(c)) {
      put(static_cast<char>(c));
    } else {
      put('%');
      put(kDigits[c >> 4]);
      put(kDigits[c & 15]);
    }
  }
  out.commit(count);
}

}  // namespace aquatic::http
