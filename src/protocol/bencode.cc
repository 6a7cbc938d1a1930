// SPDX-License-Identifier: Apache-2.0
#include "protocol/bencode.h"

#include <charconv>

#include "base/check.h"
#include "protocol/decimal.h"

namespace aquatic::bencode {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// 0 is written as it is; every other number begins with another digit.
bool has_leading_zero(std::string_view digits) noexcept {
  return digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]);
}

// The first byte; a NUL, which begins nothing, if there is none.
char first_of(Bytes bytes) noexcept {
  return bytes.empty() ? '\0' : static_cast<char>(bytes.front());
}

}  // namespace

void Writer::string(Bytes value) {
  append_decimal(value.size(), out_);
  out_.append(":");
  out_.append(value);
}

void Writer::integer(std::int64_t value) {
  out_.append("i");
  append_decimal(value, out_);
  out_.append("e");
}

void Reader::fail() noexcept { has_failed_ = true; }

void Reader::enter(char opening, bool is_dictionary) noexcept {
  if (has_failed_ || first_of(rest_) != opening || depth_ == kMaxDepth) return fail();
  rest_ = rest_.subspan(1);
  levels_[depth_++] = {.is_dictionary = is_dictionary, .last_key = std::nullopt};
}

void Reader::begin_dictionary() noexcept { enter('d', true); }
void Reader::begin_list() noexcept { enter('l', false); }

bool Reader::leave_at_end() noexcept {
  if (first_of(rest_) != 'e') return false;
  rest_ = rest_.subspan(1);
  --depth_;
  return true;
}

std::optional<std::string_view> Reader::next_key() noexcept {
  if (has_failed_) return std::nullopt;
  CHECK(depth_ > 0 && levels_[depth_ - 1].is_dictionary);
  if (leave_at_end()) return std::nullopt;
  const std::string_view key = as_text(string());
  if (has_failed_) return std::nullopt;
  std::optional<std::string_view>& last_key = levels_[depth_ - 1].last_key;
  if (last_key && key <= *last_key) {
    fail();
    return std::nullopt;
  }
  last_key = key;
  return key;
}

bool Reader::has_next() noexcept {
  if (has_failed_) return false;
  CHECK(depth_ > 0 && !levels_[depth_ - 1].is_dictionary);
  if (leave_at_end()) return false;
  // Without this the caller of a list that is cut off would ask for ever.
  if (rest_.empty()) fail();
  return !has_failed_;
}

Bytes Reader::string() noexcept {
  const std::string_view text = as_text(rest_);
  if (has_failed_ || text.empty() || !is_digit(text[0]) || has_leading_zero(text)) {
    fail();
    return {};
  }
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || digits == text.size() || *end != ':' ||
      length > text.size() - digits - 1) {
    fail();
    return {};
  }
  const Bytes value = rest_.subspan(digits + 1, length);
  rest_ = rest_.subspan(digits + 1 + length);
  return value;
}

std::int64_t Reader::integer() noexcept {
  std::string_view text = as_text(rest_);
  if (has_failed_ || text.empty() || text[0] != 'i') {
    fail();
    return 0;
  }
  text.remove_prefix(1);
  const bool is_negative = text.starts_with('-');
  const std::string_view digits = text.substr(is_negative);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end != text.data() + text.size() && *end == 'e';
  if (!is_number || has_leading_zero(digits) || (is_negative && value == 0)) {
    fail();
    return 0;
  }
  rest_ = rest_.subspan(1 + static_cast<std::size_t>(end - text.data()) + 1);
  return value;
}

Type Reader::next_type() const noexcept {
  if (has_failed_) return Type::none;
  const char first = first_of(rest_);
  if (is_digit(first)) return Type::string;
  if (first == 'i') return Type::integer;
  if (first == 'l') return Type::list;
  return first == 'd' ? Type::dictionary : Type::none;
}

void Reader::skip() noexcept {
  const std::size_t outer_depth = depth_;
  do {
    // Inside of what is skipped: on to the next value, or out of the container.
    if (depth_ > outer_depth) {
      const bool has_value =
          levels_[depth_ - 1].is_dictionary ? next_key().has_value() : has_next();
      if (!has_value) continue;
    }
    switch (next_type()) {
      case Type::string: string(); break;
      case Type::integer: integer(); break;
      case Type::list: begin_list(); break;
      case Type::dictionary: begin_dictionary(); break;
      case Type::none: fail(); break;
    }
  } while (!has_failed_ && depth_ > outer_depth);
}

}  // namespace aquatic::bencode
