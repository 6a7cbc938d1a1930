// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/target.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"

namespace aquatic::http {
namespace {

using namespace std::string_view_literals;

// The parts as "key=value" with a bar behind each.
std::string parts_of(std::string_view query) {
  std::string text;
  Parameters parameters(query);
  while (const auto part = parameters.next()) {
    text += std::string(part->key) + "=" + std::string(part->value) + "|";
  }
  return text;
}

std::optional<std::string> decoded(std::string_view text, std::size_t room = 64) {
  std::vector<std::byte> out(room);
  const auto size = percent_decode(text, out);
  if (!size) return std::nullopt;
  return std::string(as_text(Bytes(out).first(*size)));
}

struct Split {
  std::string_view target;
  std::string_view path;
  std::string_view query;
};

TEST(Target, SplitsOriginAndAbsoluteForm) {
  for (const Split& c : {
           Split{"/announce?a=b", "/announce", "a=b"},
           {"/announce", "/announce", ""},
           {"/announce?", "/announce", ""},
           {"/", "/", ""},
           {"/?", "/", ""},
           {"/a?b?c=d", "/a", "b?c=d"},
           {"/a?b=/c", "/a", "b=/c"},
           {"/a#b?c", "/a", ""},
           {"/a?b#c", "/a", "b"},
           {"//announce?a", "//announce", "a"},
           {"http://tracker.example/announce?a=b", "/announce", "a=b"},
           {"HTTPS://tracker.example:443/announce?a=b", "/announce", "a=b"},
           {"http://[2001:db8::1]:80/scrape", "/scrape", ""},
           {"http://tracker.example", "", ""},
           {"http://tracker.example?a=/b", "", "a=/b"},
       }) {
    const Target target = split_target(c.target);
    EXPECT_EQ(target.path, c.path) << c.target;
    EXPECT_EQ(target.query, c.query) << c.target;
  }
}

TEST(Target, AnythingElseHasNoPath) {
  for (const std::string_view text :
       {""sv, "*"sv, "announce"sv, "tracker.example:80"sv, "ftp://tracker.example/announce"sv,
        "http:/announce"sv, "://x/announce"sv, "#/announce"sv, "?/announce"sv}) {
    EXPECT_EQ(split_target(text).path, "") << text;
    EXPECT_EQ(route_of(split_target(text).path), Route::unknown) << text;
  }
}

TEST(Target, RoutesWithAndWithoutASegmentBefore) {
  EXPECT_EQ(route_of("/announce"), Route::announce);
  EXPECT_EQ(route_of("/scrape"), Route::scrape);
  EXPECT_EQ(route_of("/health"), Route::health);
  EXPECT_EQ(route_of("/stats"), Route::unknown);
  EXPECT_EQ(route_of("/0123456789abcdef/announce"), Route::announce);
  EXPECT_EQ(route_of("/passkey/scrape"), Route::scrape);
  EXPECT_EQ(route_of("//announce"), Route::announce);  // "http://host//announce" is out there.
  EXPECT_EQ(route_of("/announce/announce"), Route::announce);
}

// X32: a path that only begins like a route is none.
TEST(Target, EverythingElseIsUnknown) {
  for (const std::string_view path :
       {""sv, "/"sv, "announce"sv, "/announce/"sv, "/announcee"sv, "/Announce"sv, "/announce.php"sv,
        "/scrapes"sv, "/a/b/announce"sv, "///announce"sv, "/passkey/health"sv, "/announce/x"sv,
        "/%61nnounce"sv, "/announce\0"sv, "a/announce"sv, "/stats/"sv, "/statsx"sv}) {
    EXPECT_EQ(route_of(path), Route::unknown) << path;
  }
}

TEST(Parameters, AreKeysAndValuesInTheirOrder) {
  EXPECT_EQ(parts_of("a=1&b=2&a=3"), "a=1|b=2|a=3|");
  EXPECT_EQ(parts_of(""), "");
  EXPECT_EQ(parts_of("a"), "a=|");
  EXPECT_EQ(parts_of("a="), "a=|");
  EXPECT_EQ(parts_of("a&b"), "a=|b=|");
  EXPECT_EQ(parts_of("=a"), "=a|");
  EXPECT_EQ(parts_of("a=b=c==&d"), "a=b=c==|d=|");
  EXPECT_EQ(parts_of("&&a=1&&b=2&&"), "a=1|b=2|");
  EXPECT_EQ(parts_of("a=%26&b=+"), "a=%26|b=+|");
  EXPECT_EQ(parts_of("a;b=1"), "a;b=1|");
}

TEST(PercentDecode, DecodesAnyByteAndLeavesTheRest) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("abc"), "abc");
  EXPECT_EQ(decoded("%61%62%63"), "abc");
  EXPECT_EQ(decoded("%00%ff%Fa"), "\x00\xff\xfa"sv);
  EXPECT_EQ(decoded("a+b c"), "a+b c");
  EXPECT_EQ(decoded("\x80\xff"), "\x80\xff");
  EXPECT_EQ(decoded("%2525"), "%25");
  EXPECT_EQ(decoded("%25"), "%");
}

TEST(PercentDecode, RefusesWhatIsBrokenOrDoesNotFit) {
  for (const std::string_view text :
       {"%"sv, "a%"sv, "%4"sv, "%4g"sv, "%g4"sv, "%%41"sv, "% 41"sv, "%-1"sv, "%0x"sv}) {
    EXPECT_EQ(decoded(text), std::nullopt) << text;
  }
  EXPECT_EQ(decoded("abc", 3), "abc");
  EXPECT_EQ(decoded("abcd", 3), std::nullopt);
  EXPECT_EQ(decoded("ab%63", 3), "abc");
  EXPECT_EQ(decoded("abc%", 3), std::nullopt);
  EXPECT_EQ(decoded("", 0), "");
  EXPECT_EQ(decoded("a", 0), std::nullopt);
}

TEST(PercentEncode, LeavesOnlyUnreservedBytes) {
  ByteBuffer out;
  percent_encode(as_bytes("aZ09-._~ +/&=%\x80\xff"), out);
  EXPECT_EQ(out.text(), "aZ09-._~%20%2B%2F%26%3D%25%80%FF");
}

TEST(PercentEncode, EveryByteDecodesToItself) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (std::uint64_t left = random.below(40); left > 0; --left) {
      bytes += static_cast<char>(random.below(256));
    }
    ByteBuffer out;
    percent_encode(as_bytes(bytes), out);
    EXPECT_EQ(decoded(out.text()), bytes);
  }
}

}  // namespace
}  // namespace aquatic::http
