// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/json_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/info_hash.h"
#include "tests/support/padded_message.h"

namespace aquatic::ws {
namespace {

using namespace std::string_literals;
using test::PaddedMessage;

constexpr std::size_t kMaxMessageBytes = 4096;

// Whether all of a message is JSON, whatever lies behind it.
bool is_read(std::string_view text) {
  JsonReader reader(kMaxMessageBytes);
  const auto visit = [&](std::string_view, JsonValue& value) { reader.skip(value); };
  const bool is_json = reader.read_message(PaddedMessage(text).bytes(), visit);
  for (const char padding : {'\0', ']', '"', ',', '1'}) {
    EXPECT_EQ(reader.read_message(PaddedMessage(text, padding).bytes(), visit), is_json) << text;
  }
  return is_json;
}

// Reads {"a": value} by a function of the reader.
template <class Read>
auto read_value(std::string_view value, Read read) {
  JsonReader reader(kMaxMessageBytes);
  const PaddedMessage message("{\"a\" : " + std::string(value) + " }");
  decltype(read(reader, std::declval<JsonValue&>())) field;
  EXPECT_TRUE(reader.read_message(message.bytes(), [&](std::string_view, JsonValue& each) {
    field = read(reader, each);
  })) << value;
  return field;
}

auto number(std::string_view value) {
  return read_value(value, [](JsonReader& r, JsonValue& v) { return r.number(v); });
}

auto id(std::string_view value) {
  return read_value(value, [](JsonReader& r, JsonValue& v) { return r.id<PeerId>(v); });
}

TEST(JsonReader, ReadsObjects) {
  EXPECT_TRUE(is_read("{}"));
  EXPECT_TRUE(is_read(" \r\n{ \"a\" : [ 1 , {\"b\":null} , true,false,-1.5e3,\"\"] } \t"));
  EXPECT_TRUE(is_read(R"({"big":123456789012345678901234567890})"));
}

TEST(JsonReader, RefusesOtherMessages) {
  for (const std::string text :
       {"", " ", "null", "[]", "\"x\"", "1", "true", "x", "\xef\xbb\xbf{}"}) {
    EXPECT_FALSE(is_read(text)) << text;
  }
}

TEST(JsonReader, ChecksWhatItPassesOver) {
  for (const std::string value : {"",
                                  "foo",
                                  "foo bar",
                                  "tru",
                                  "truex",
                                  "nul",
                                  "nullx",
                                  "01",
                                  "1.",
                                  ".5",
                                  "-",
                                  "1e",
                                  "+1",
                                  "0x1",
                                  "1e999",
                                  "\"",
                                  "'a'",
                                  R"("\q")",
                                  R"("\u12")",
                                  R"("\ud800")",
                                  R"("\udc00")",
                                  R"("\ud800\u0041")",
                                  R"(["a"})",
                                  "[1,]",
                                  "[1 2]",
                                  R"({"b":1,})",
                                  R"({"b"})",
                                  "{1:2}",
                                  "{b:1}",
                                  R"({"sdp": foo bar, "x" "y"})",
                                  "\"\n\"",
                                  "\"\xff\"",
                                  "\"\xed\xa0\x80\""}) {
    EXPECT_FALSE(is_read("{\"a\":" + value + "}")) << value;
  }
  EXPECT_FALSE(is_read(R"({"\q":1})"));
  EXPECT_FALSE(is_read("{\"a\":1\0}"s));
}

TEST(JsonReader, WantsOneObjectWithItsEnd) {
  for (const std::string text : {"{", "{\"a\":1", "{\"a\":{\"b\":1}", "{\"a\":[1}", "{\"a\":[[1]}",
                                 "{\"a\":{\"b\":{\"c\":1}", "{}}", "{} {}", "{},", "{}x", "{}]"}) {
    EXPECT_FALSE(is_read(text)) << text;
  }
}

TEST(JsonReader, LimitsDepth) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(is_read(nested(JsonReader::kMaxDepth - 1)));
  EXPECT_FALSE(is_read(nested(JsonReader::kMaxDepth)));
  EXPECT_FALSE(is_read(nested(2000)));
  // What was left does not count.
  std::string wide = "{\"a\":[[]";
  for (int i = 0; i < 100; ++i) wide += ",[{}]";
  EXPECT_TRUE(is_read(wide + "]}"));
}

TEST(JsonReader, RefusesMessagesThatAreTooLong) {
  JsonReader reader(10);
  const auto visit = [&](std::string_view, JsonValue& value) { reader.skip(value); };
  EXPECT_TRUE(reader.read_message(PaddedMessage(R"({"a":1234})").bytes(), visit));
  EXPECT_FALSE(reader.read_message(PaddedMessage(R"({"a":12345})").bytes(), visit));
}

TEST(JsonReader, UnescapesKeys) {
  JsonReader reader(kMaxMessageBytes);
  std::vector<std::string> keys;
  EXPECT_TRUE(reader.read_message(PaddedMessage(R"({"s\u0064p":1,"":2,"a":3,"a":4})").bytes(),
                                  [&](std::string_view key, JsonValue& value) {
                                    keys.emplace_back(key);
                                    reader.skip(value);
                                  }));
  EXPECT_EQ(keys, (std::vector<std::string>{"sdp", "", "a", "a"}));
}

// A string as it was written, while the message is there.
Field<std::string> token_of(const Field<JsonText>& field) {
  return {field.found, std::string(field.value.token)};
}

TEST(JsonReader, KeepsStringsAsTheyWereWritten) {
  const auto string = [](std::string_view value) {
    return read_value(value, [](JsonReader& r, JsonValue& v) { return token_of(r.string(v)); });
  };
  EXPECT_EQ(string("\"v=0\\r\\n\\u00e9\"  \n").value, R"("v=0\r\n\u00e9")");
  EXPECT_EQ(string("\"\"").value, "\"\"");
  EXPECT_EQ(string("null").found, Found::nothing);
  EXPECT_EQ(string("[\"a\"]").found, Found::bad);
  EXPECT_EQ(string("1").found, Found::bad);
}

TEST(JsonReader, TellsCountsFromOtherNumbers) {
  EXPECT_EQ(number("0").value, 0u);
  EXPECT_EQ(number("18446744073709551615").value, 18446744073709551615u);
  for (const std::string other : {"-1", "-0", "0.0", "1.5", "1e2", "18446744073709551616"}) {
    EXPECT_TRUE(number(other).is_good()) << other;
    EXPECT_EQ(number(other).value, std::nullopt) << other;
  }
  EXPECT_EQ(number("null").found, Found::nothing);
  for (const std::string bad : {"\"0\"", "true", "{}", "[]"}) {
    EXPECT_EQ(number(bad).found, Found::bad) << bad;
  }
}

TEST(JsonReader, ReadsIds) {
  const auto field = id(R"("\u0000\u00ff)"
                        "\xc3\xbf"
                        R"(\"aaaaaaaaaaaaaaaa")");
  ASSERT_TRUE(field.is_good());
  EXPECT_EQ(as_text(field.value.bytes), "\0\xff\xff\"aaaaaaaaaaaaaaaa"s);
  EXPECT_EQ(id("null").found, Found::nothing);
  EXPECT_EQ(id("\"" + std::string(19, 'a') + "\"").found, Found::bad);
  EXPECT_EQ(id("\"" + std::string(21, 'a') + "\"").found, Found::bad);
  EXPECT_EQ(id("\"" + std::string(19, 'a') + "\xc4\x80\"").found, Found::bad);
  EXPECT_EQ(id("20").found, Found::bad);
}

TEST(JsonReader, ReadsOneStringOfAnObject) {
  const auto sdp = [](std::string_view value) {
    return read_value(value,
                      [](JsonReader& r, JsonValue& v) { return token_of(r.string_in(v, "sdp")); });
  };
  EXPECT_EQ(sdp(R"({"type":"offer","sdp":"a","x":[{}]})").value, "\"a\"");
  EXPECT_EQ(sdp(R"({"sdp":"a","sdp":"b"})").value, "\"b\"");
  EXPECT_EQ(sdp(R"({"sdp":"a","sdp":null})").found, Found::bad);
  EXPECT_EQ(sdp("{}").found, Found::bad);
  EXPECT_EQ(sdp("\"a\"").found, Found::bad);
  EXPECT_EQ(sdp("null").found, Found::nothing);
}

}  // namespace
}  // namespace aquatic::ws
