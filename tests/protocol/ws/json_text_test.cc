// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/json_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace aquatic::ws {
namespace {

using namespace std::string_view_literals;

std::string byte_string(std::string_view bytes) {
  ByteBuffer out;
  append_byte_string(as_bytes(bytes), out);
  return std::string(out.text());
}

std::string escaped(std::string_view text) {
  ByteBuffer out;
  append_escaped(text, out);
  return std::string(out.text());
}

// Nothing if the text is no byte string of this length.
std::optional<std::string> decoded(std::string_view text, std::size_t length) {
  const std::vector<char> exact(text.begin(), text.end());  // For AddressSanitizer.
  std::vector<std::byte> bytes(length);
  if (!decode_byte_string({exact.data(), exact.size()}, bytes)) return std::nullopt;
  return std::string(as_text(bytes));
}

TEST(ByteString, EscapesWhatJsonWantsAndNothingElse) {
  EXPECT_EQ(byte_string(""), R"("")");
  EXPECT_EQ(byte_string("ab/"), R"("ab/")");
  EXPECT_EQ(byte_string("\0\x1f\n\"\\"sv), R"("\u0000\u001f\u000a\"\\")");
  EXPECT_EQ(byte_string("\x7f"), "\"\x7f\"");
  EXPECT_EQ(byte_string("\x80\xbf\xc0\xff"), "\"\xc2\x80\xc2\xbf\xc3\x80\xc3\xbf\"");
}

TEST(ByteString, DecodesCharactersUpToFF) {
  EXPECT_EQ(decoded("", 0), "");
  EXPECT_EQ(decoded("a\0\xc2\x80\xc3\xbf"sv, 4), "a\0\x80\xff"sv);
  EXPECT_EQ(decoded("\xc4\x80", 1), std::nullopt);          // U+0100
  EXPECT_EQ(decoded("\xe2\x82\xac", 1), std::nullopt);      // U+20AC
  EXPECT_EQ(decoded("\xf0\x9f\x98\x80", 1), std::nullopt);  // U+1F600
}

TEST(ByteString, IsAsLongAsItHasToBe) {
  EXPECT_EQ(decoded("abc", 2), std::nullopt);
  EXPECT_EQ(decoded("abc", 4), std::nullopt);
  EXPECT_EQ(decoded("ab\xc3\xbf", 4), std::nullopt);
  EXPECT_EQ(decoded("", 1), std::nullopt);
}

RC_GTEST_PROP(ByteString, AnyBytesAreTheSameToAnotherParser, (const std::vector<char>& any)) {
  const std::string bytes(any.begin(), any.end());
  const auto text = nlohmann::json::parse(byte_string(bytes)).get<std::string>();
  RC_ASSERT(decoded(text, bytes.size()) == bytes);
}

TEST(Escaped, LeavesUtf8Alone) {
  EXPECT_EQ(escaped("say \"\xc3\xa9\"\n"), "say \\\"\xc3\xa9\\\"\\u000a");
  EXPECT_EQ(escaped(""), "");
}

}  // namespace
}  // namespace aquatic::ws
