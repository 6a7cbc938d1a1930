// SPDX-License-Identifier: Apache-2.0
// Bencode (BEP 3): integers `i42e`, strings `3:abc`, lists `l…e`, dictionaries `d…e`.
//
// Both directions are strict: no leading zeros, no negative zero, dictionary keys are strings that
// appear once and in sorted order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"

namespace aquatic::bencode {

// Appends to a buffer. Requires: keys of a dictionary come sorted, and every begin has its end.
class Writer {
 public:
  explicit Writer(ByteBuffer& out) noexcept : out_(out) {}

  void begin_dictionary() { out_.append("d"); }
  void begin_list() { out_.append("l"); }
  void end() { out_.append("e"); }

  void string(Bytes value);
  void string(std::string_view value) { string(as_bytes(value)); }
  void key(std::string_view name) { string(name); }
  void integer(std::int64_t value);

 private:
  ByteBuffer& out_;
};

enum class Type : std::uint8_t { string, integer, list, dictionary, none };

// Reads one value after the other. The first thing that is not strict bencode makes every further
// call fail, so that callers may look at has_failed() once, at the end. Strings borrow from the
// input. Nothing allocates.
class Reader {
 public:
  // Deeper nesting is refused.
  static constexpr std::size_t kMaxDepth = 16;

  explicit Reader(Bytes input) noexcept : rest_(input) {}

  bool has_failed() const noexcept { return has_failed_; }
  // What was not read yet.
  Bytes rest() const noexcept { return rest_; }
  // Whether everything was read and nothing is open.
  bool is_at_end() const noexcept { return !has_failed_ && rest_.empty() && depth_ == 0; }

  // Enter the container that is next. Anything else fails.
  void begin_dictionary() noexcept;
  void begin_list() noexcept;

  // The next key of the dictionary that we are in, or nothing at its end, which is then left.
  std::optional<std::string_view> next_key() noexcept;
  // Whether the list that we are in has another value; if not it is left.
  bool has_next() noexcept;

  // The value that is next; empty and zero after a failure.
  Bytes string() noexcept;
  std::int64_t integer() noexcept;
  // What the value that is next begins like; `none` at the end of a container or of the input, and
  // after a failure.
  Type next_type() const noexcept;
  // Passes over the value that is next, checking it.
  void skip() noexcept;

 private:
  struct Level {
    bool is_dictionary = false;
    std::optional<std::string_view> last_key;
  };

  void fail() noexcept;
  void enter(char opening, bool is_dictionary) noexcept;
  // Whether the container that we are in ends here; then it is left.
  bool leave_at_end() noexcept;

  Bytes rest_;
  std::size_t depth_ = 0;
  bool has_failed_ = false;
  Level levels_[kMaxDepth];
};

}  // namespace aquatic::bencode
