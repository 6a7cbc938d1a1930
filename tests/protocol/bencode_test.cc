// SPDX-License-Identifier: Apache-2.0
#include "protocol/bencode.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"

namespace aquatic::bencode {
namespace {

using namespace std::string_view_literals;

// Whether the whole text is one value. Reads a copy of exactly the right size, so that
// AddressSanitizer sees a step too far.
bool is_bencode(std::string_view text) {
  const std::vector<char> copy(text.begin(), text.end());
  Reader reader(std::as_bytes(std::span(copy)));
  reader.skip();
  return reader.is_at_end();
}

std::string nested_lists(std::size_t depth) {
  return std::string(depth, 'l') + std::string(depth, 'e');
}

TEST(BencodeWriter, WritesEachType) {
  ByteBuffer out;
  Writer writer(out);
  writer.begin_dictionary();
  writer.key("a");
  writer.integer(-42);
  writer.key("b");
  writer.begin_list();
  writer.string("spam");
  writer.string("");
  writer.integer(0);
  writer.begin_list();
  writer.end();
  writer.end();
  writer.end();
  EXPECT_EQ(out.text(), "d1:ai-42e1:bl4:spam0:i0eleee");
  EXPECT_TRUE(is_bencode(out.text()));
}

TEST(BencodeWriter, WritesEveryByteAndTheWidestIntegers) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                   std::int64_t{0}, std::numeric_limits<std::int64_t>::max()}) {
    ByteBuffer out;
    Writer writer(out);
    writer.string(bytes);
    writer.integer(value);
    Reader reader(out.bytes());
    EXPECT_EQ(as_text(reader.string()), bytes);
    EXPECT_EQ(reader.integer(), value);
    EXPECT_TRUE(reader.is_at_end());
  }
}

TEST(BencodeReader, AcceptsWhatIsStrict) {
  for (const std::string_view text :
       {"i0e"sv, "i7e"sv, "i-7e"sv, "i10e"sv, "0:"sv, "1:\0"sv, "10:0123456789"sv, "le"sv, "de"sv,
        "lli1eeled0:0:ee"sv, "d1:ai1e1:bi2ee"sv, "d0:i1e1:\0i2e1:\x7fi3e1:\xffi4ee"sv,
        "d1:ai1e2:aai2ee"sv, "i9223372036854775807e"sv, "i-9223372036854775808e"sv}) {
    EXPECT_TRUE(is_bencode(text)) << text;
  }
}

TEST(BencodeReader, RefusesWhatIsNot) {
  for (const std::string_view text :
       {""sv, "e"sv, "x"sv, " i1e"sv, "i1e "sv, "\0"sv,
        // Integers.
        "i"sv, "ie"sv, "i1"sv, "i-e"sv, "i-0e"sv, "i00e"sv, "i01e"sv, "i-01e"sv, "i+1e"sv, "i 1e"sv,
        "i1 e"sv, "i--1e"sv, "i1.5e"sv, "i0x1e"sv, "1e"sv, "i9223372036854775808e"sv,
        "i-9223372036854775809e"sv, "i99999999999999999999999e"sv,
        // Strings.
        "1:"sv, "4:abc"sv, "-1:a"sv, "01:a"sv, "00:"sv, "1"sv, "1a"sv, ":"sv, "1 :a"sv, "+1:a"sv,
        "18446744073709551615:"sv, "18446744073709551616:"sv, "99999999999999999999999:"sv,
        // Lists.
        "l"sv, "li1e"sv, "li1eee"sv, "lx"sv,
        // Dictionaries: a key without value, keys that are none, come twice or out of order.
        "d"sv, "d1:a"sv, "d1:ae"sv, "d1:ai1e"sv, "di1ei2ee"sv, "dlei1ee"sv, "d1:ai1e1:ai2ee"sv,
        "d1:bi1e1:ai2ee"sv, "d2:aai1e1:ai2ee"sv, "d1:\xffi1e1:ai2ee"sv, "d0:i1e0:i2ee"sv}) {
    EXPECT_FALSE(is_bencode(text)) << text;
  }
}

TEST(BencodeReader, NestingHasALimit) {
  EXPECT_TRUE(is_bencode(nested_lists(Reader::kMaxDepth)));
  EXPECT_FALSE(is_bencode(nested_lists(Reader::kMaxDepth + 1)));
  EXPECT_FALSE(is_bencode(std::string(100'000, 'l')));
  std::string dictionaries;
  for (int i = 0; i < 100'000; ++i) dictionaries += "d0:";
  EXPECT_FALSE(is_bencode(dictionaries));
}

TEST(BencodeReader, ReadsValueByValue) {
  Reader reader(as_bytes("d1:ali1e3:two3:xyze1:bd0:i-3ee1:ci4ee"));
  reader.begin_dictionary();
  EXPECT_EQ(reader.next_key(), "a");
  EXPECT_EQ(reader.next_type(), Type::list);
  reader.begin_list();
  EXPECT_TRUE(reader.has_next());
  EXPECT_EQ(reader.next_type(), Type::integer);
  EXPECT_EQ(reader.integer(), 1);
  EXPECT_TRUE(reader.has_next());
  EXPECT_EQ(reader.next_type(), Type::string);
  EXPECT_EQ(as_text(reader.string()), "two");
  EXPECT_TRUE(reader.has_next());
  reader.skip();
  EXPECT_EQ(reader.next_type(), Type::none);
  EXPECT_FALSE(reader.has_next());
  EXPECT_EQ(reader.next_key(), "b");
  EXPECT_EQ(reader.next_type(), Type::dictionary);
  reader.skip();
  EXPECT_EQ(as_text(reader.rest()), "1:ci4ee");
  EXPECT_EQ(reader.next_key(), "c");
  EXPECT_EQ(reader.integer(), 4);
  EXPECT_FALSE(reader.is_at_end());
  EXPECT_EQ(reader.next_key(), std::nullopt);
  EXPECT_TRUE(reader.is_at_end());
}

TEST(BencodeReader, AnotherTypeThanTheOneAskedForFails) {
  const auto fails = [](std::string_view text, auto read) {
    Reader reader(as_bytes(text));
    read(reader);
    return reader.has_failed();
  };
  const auto string = [](Reader& reader) { reader.string(); };
  const auto integer = [](Reader& reader) { reader.integer(); };
  const auto list = [](Reader& reader) { reader.begin_list(); };
  const auto dictionary = [](Reader& reader) { reader.begin_dictionary(); };
  EXPECT_TRUE(fails("i1e", string) && fails("le", string) && fails("de", string));
  EXPECT_TRUE(fails("1:a", integer) && fails("le", integer) && fails("de", integer));
  EXPECT_TRUE(fails("1:a", list) && fails("i1e", list) && fails("de", list));
  EXPECT_TRUE(fails("1:a", dictionary) && fails("i1e", dictionary) && fails("le", dictionary));
}

TEST(BencodeReader, StaysFailed) {
  Reader reader(as_bytes("li01ei2ee"));
  reader.begin_list();
  EXPECT_TRUE(reader.has_next());
  EXPECT_EQ(reader.integer(), 0);
  EXPECT_TRUE(reader.has_failed());
  EXPECT_EQ(reader.integer(), 0);
  EXPECT_TRUE(reader.string().empty());
  EXPECT_FALSE(reader.has_next());
  EXPECT_EQ(reader.next_key(), std::nullopt);
  EXPECT_EQ(reader.next_type(), Type::none);
  reader.skip();
  reader.begin_dictionary();
  EXPECT_FALSE(reader.is_at_end());
}

TEST(BencodeReader, EveryTruncationIsRefused) {
  const std::string_view whole = "d1:ali-12e3:two3:xyze1:bd0:i3ee10:0123456789i4ee";
  ASSERT_FALSE(is_bencode(whole));  // "10:…" sorts before "b".
  const std::string_view sorted = "d1:ali-12e3:two3:xyze1:bd0:i3ee10:c123456789i4ee";
  ASSERT_TRUE(is_bencode(sorted));
  for (std::size_t size = 0; size < sorted.size(); ++size) {
    EXPECT_FALSE(is_bencode(sorted.substr(0, size))) << size;
  }
}

// Another reading of BEP 3, as plain as possible: takes one value off the front of `text`.
bool take_value(std::string_view& text, std::size_t depth);

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::string take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string digits(text.substr(0, count));
  text.remove_prefix(count);
  return digits.size() > 1 && digits[0] == '0' ? "" : digits;
}

bool take_string(std::string_view& text, std::string& value) {
  const std::string digits = take_digits(text);
  // No input here is longer than two digits say.
  if (digits.empty() || digits.size() > 2 || !take(text, ':')) return false;
  const std::size_t length = std::stoul(digits);
  if (length > text.size()) return false;
  value = text.substr(0, length);
  text.remove_prefix(length);
  return true;
}

bool take_value(std::string_view& text, std::size_t depth) {
  std::string value;
  if (take(text, 'i')) {
    const bool is_negative = take(text, '-');
    const std::string digits = take_digits(text);
    return !digits.empty() && !(is_negative && digits == "0") && digits.size() < 19 &&
           take(text, 'e');
  }
  if (text.starts_with('l') || text.starts_with('d')) {
    const bool is_dictionary = text[0] == 'd';
    if (depth == Reader::kMaxDepth) return false;
    text.remove_prefix(1);
    std::vector<std::string> keys;
    while (!take(text, 'e')) {
      if (is_dictionary) {
        if (!take_string(text, value)) return false;
        if (!keys.empty() && value <= keys.back()) return false;
        keys.push_back(value);
      }
      if (!take_value(text, depth + 1)) return false;
    }
    return true;
  }
  return take_string(text, value);
}

TEST(BencodeReader, AgreesWithAnotherReadingOnRandomText) {
  constexpr std::string_view kAlphabet = "llddeeeii0012--::ab";
  Random random(1);
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::uint64_t left = random.below(14); left > 0; --left) {
      text += kAlphabet[random.below(kAlphabet.size())];
    }
    std::string_view rest = text;
    const bool expected = take_value(rest, 0) && rest.empty();
    ASSERT_EQ(is_bencode(text), expected) << text;
    accepted += expected ? 1 : 0;
  }
  EXPECT_GT(accepted, 500);  // Else the text was too random to show anything.
}

// Writes a value of any type, and notes what it is made of.
void write_any(Writer& writer, std::size_t max_depth, std::vector<std::int64_t>& integers,
               std::vector<std::string>& strings) {
  switch (*rc::gen::inRange(0, max_depth == 0 ? 2 : 4)) {
    case 0: writer.integer(integers.emplace_back(*rc::gen::arbitrary<std::int64_t>())); break;
    case 1: writer.string(strings.emplace_back(*rc::gen::arbitrary<std::string>())); break;
    case 2:
      writer.begin_list();
      for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
        write_any(writer, max_depth - 1, integers, strings);
      }
      writer.end();
      break;
    default:
      writer.begin_dictionary();
      // Sorted and each once: a set has them so.
      for (const std::string& key : *rc::gen::arbitrary<std::set<std::string>>()) {
        writer.key(strings.emplace_back(key));
        write_any(writer, 0, integers, strings);
      }
      writer.end();
  }
}

void read_any(Reader& reader, std::vector<std::int64_t>& integers,
              std::vector<std::string>& strings) {
  switch (reader.next_type()) {
    case Type::integer: integers.push_back(reader.integer()); break;
    case Type::string: strings.emplace_back(as_text(reader.string())); break;
    case Type::list:
      reader.begin_list();
      while (reader.has_next()) read_any(reader, integers, strings);
      break;
    case Type::dictionary:
      reader.begin_dictionary();
      while (const auto key = reader.next_key()) {
        strings.emplace_back(*key);
        read_any(reader, integers, strings);
      }
      break;
    case Type::none: reader.skip(); break;  // Fails.
  }
}

RC_GTEST_PROP(Bencode, ReadsWhatWasWritten, ()) {
  std::vector<std::int64_t> integers, read_integers;
  std::vector<std::string> strings, read_strings;
  ByteBuffer out;
  Writer writer(out);
  write_any(writer, 3, integers, strings);
  Reader reader(out.bytes());
  read_any(reader, read_integers, read_strings);
  RC_ASSERT(reader.is_at_end());
  RC_ASSERT(read_integers == integers);
  RC_ASSERT(read_strings == strings);
  RC_ASSERT(is_bencode(out.text()));
}

}  // namespace
}  // namespace aquatic::bencode
