// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as bencode, in one go, value by value, and with a second reader that is as plain
// as BEP 3. All agree on what is bencode and where it ends, and written again it is the same bytes.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/check.h"
#include "protocol/bencode.h"

namespace aquatic::bencode {
namespace {

// --- The second reader ---------------------------------------------------------------------------

// Takes things off the front of its text; nothing comes after a failure.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : text_(text) {}

  // How many bytes the first value has, or nothing if there is none.
  static std::optional<std::size_t> value_bytes(std::string_view text) {
    PlainReader reader(text);
    if (!reader.take_value(0)) return std::nullopt;
    return text.size() - reader.text_.size();
  }

 private:
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  // Of at most this value, without a zero too many.
  std::optional<std::uint64_t> take_number(std::uint64_t max) {
    if (text_.empty() || text_[0] < '0' || text_[0] > '9') return std::nullopt;
    const bool is_zero = text_[0] == '0';
    std::uint64_t number = 0;
    for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; text_.remove_prefix(1)) {
      const auto digit = static_cast<std::uint64_t>(text_[0] - '0');
      if (number > (max - digit) / 10) return std::nullopt;
      number = number * 10 + digit;
      if (is_zero && text_.size() > 1 && text_[1] >= '0' && text_[1] <= '9') return std::nullopt;
    }
    return number;
  }

  std::optional<std::string> take_string() {
    const auto length = take_number(std::numeric_limits<std::size_t>::max());
    if (!length || !take(':') || *length > text_.size()) return std::nullopt;
    const std::string value(text_.substr(0, *length));
    text_.remove_prefix(*length);
    return value;
  }

  bool take_integer() {
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    const bool is_negative = take('-');
    const auto number = take_number(is_negative ? kMax + 1 : kMax);
    return number && !(is_negative && *number == 0) && take('e');
  }

  bool take_value(std::size_t depth) {
    if (take('i')) return take_integer();
    if (!text_.starts_with('l') && !text_.starts_with('d')) return take_string().has_value();
    if (depth == Reader::kMaxDepth) return false;
    return take('l') ? take_items(depth) : take('d') && take_entries(depth);
  }

  bool take_items(std::size_t depth) {
    while (!take('e')) {
      if (!take_value(depth + 1)) return false;
    }
    return true;
  }

  bool take_entries(std::size_t depth) {
    std::optional<std::string> last;
    while (!take('e')) {
      const auto key = take_string();
      if (!key || (last && *key <= *last) || !take_value(depth + 1)) return false;
      last = key;
    }
    return true;
  }

  std::string_view text_;
};

// --- Ours ----------------------------------------------------------------------------------------

// Reads one value, looking at everything, and writes it.
void copy_value(Reader& reader, Writer& writer) {
  switch (reader.next_type()) {
    case Type::string: writer.string(reader.string()); break;
    case Type::integer: writer.integer(reader.integer()); break;
    case Type::list:
      reader.begin_list();
      writer.begin_list();
      while (reader.has_next()) copy_value(reader, writer);
      writer.end();
      break;
    case Type::dictionary:
      reader.begin_dictionary();
      writer.begin_dictionary();
      while (const auto key = reader.next_key()) {
        writer.key(*key);
        copy_value(reader, writer);
      }
      writer.end();
      break;
    case Type::none: reader.skip(); break;  // Fails.
  }
}

void check_value(Bytes input, std::size_t value_bytes) {
  const Bytes value = input.first(value_bytes);
  Reader reader(value);
  reader.skip();
  CHECK(reader.is_at_end());
  // No value is the beginning of another.
  Reader cut(value.first(value_bytes - 1));
  cut.skip();
  CHECK(cut.has_failed());
}

void check(Bytes input) {
  Reader skipping(input);
  skipping.skip();
  ByteBuffer out;
  Writer writer(out);
  Reader reading(input);
  copy_value(reading, writer);
  const auto value_bytes = PlainReader::value_bytes(as_text(input));
  CHECK(skipping.has_failed() == !value_bytes);
  CHECK(reading.has_failed() == !value_bytes);
  if (!value_bytes) {
    CHECK(!skipping.is_at_end() && skipping.next_type() == Type::none);
    return;
  }
  CHECK(skipping.rest().size() == input.size() - *value_bytes);
  CHECK(reading.rest().size() == input.size() - *value_bytes);
  CHECK(skipping.is_at_end() == skipping.rest().empty());
  CHECK(std::ranges::equal(Bytes(out.bytes()), input.first(*value_bytes)));
  check_value(input, *value_bytes);
}

}  // namespace
}  // namespace aquatic::bencode

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::bencode::check(std::as_bytes(std::span(data, size)));
  return 0;
}
