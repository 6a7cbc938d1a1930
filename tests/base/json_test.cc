// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace aquatic {
namespace {

TEST(EscapeJson, LeavesPlainTextAlone) {
  EXPECT_EQ(escape_json(""), "");
  EXPECT_EQ(escape_json("port 3000, caf\xc3\xa9"), "port 3000, caf\xc3\xa9");
}

TEST(EscapeJson, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(escape_json(R"(a "b" \c)"), R"(a \"b\" \\c)");
}

TEST(EscapeJson, EscapesControls) {
  using namespace std::string_view_literals;
  EXPECT_EQ(escape_json("\0\n\x1f"sv), R"(\u0000\u000a\u001f)");
}

TEST(ToUtf8, LeavesCharactersAlone) {
  for (const std::string_view text : {"", "a", "caf\xc3\xa9", "\xc2\xb5Torrent", "\xe2\x82\xac",
                                      "\xed\x9f\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(to_utf8(text), text);
  }
}

TEST(ToUtf8, ReplacesWhatIsNone) {
  for (const std::string_view broken :
       {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "\xe2\x28\xa1"}) {
    std::string expected = "ab";
    for (const char c : broken) expected += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    EXPECT_EQ(to_utf8("ab" + std::string(broken)), expected);
  }
}

TEST(JsonWriter, SetsCommasWhereTheyBelong) {
  JsonWriter json;
  json.begin_object().member("a", 1u).member("b", "x\"y").key("c").begin_array();
  json.value(1u).value(2u).begin_object().end_object().null().end_array();
  json.key("d").begin_object().member("e", std::uint64_t{18446744073709551615u}).end_object();
  json.end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":"x\"y","c":[1,2,{},null],"d":{"e":18446744073709551615}})");
}

TEST(JsonWriter, TextsMayEndInBrackets) {
  JsonWriter json;
  json.begin_array().value("[").value("{:").value("\xff").end_array();
  EXPECT_EQ(json.text(), R"(["[","{:","?"])");
}

TEST(JsonWriter, WritesFiguresAsExactlyAsTheyAreWorth) {
  JsonWriter json;
  json.begin_array().value(0.0).value(1.0).value(0.456).value(99.994).value(123.456).value(-2.5);
  json.value(std::nan("")).value(1e300).end_array();
  EXPECT_EQ(json.text(), "[0,1,0.46,99.99,123,-2.50,null,null]");
}

}  // namespace
}  // namespace aquatic
