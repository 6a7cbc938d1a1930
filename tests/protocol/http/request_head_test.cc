// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/request_head.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"

namespace aquatic::http {
namespace {

using namespace std::string_view_literals;
using namespace std::string_literals;

// A head, and the bytes that it borrows from: a copy of exactly the right size, so that
// AddressSanitizer sees a step too far.
struct Decoded {
  std::unique_ptr<std::vector<char>> bytes;
  RequestHead head;
  Expected<std::size_t, HeadError> result;

  explicit operator bool() const { return result.has_value(); }
};

Decoded decode(std::string_view text, const HeadLimits& limits = {}) {
  Decoded decoded;
  decoded.bytes = std::make_unique<std::vector<char>>(text.begin(), text.end());
  decoded.result =
      decode_request_head(std::as_bytes(std::span(*decoded.bytes)), limits, decoded.head);
  return decoded;
}

void expect_error(std::string_view text, HeadError error, const HeadLimits& limits = {}) {
  const Decoded decoded = decode(text, limits);
  ASSERT_FALSE(decoded) << text;
  EXPECT_EQ(static_cast<int>(decoded.result.error()), static_cast<int>(error)) << text;
}

// A request with these lines of headers, which need their ends.
std::string with(std::string_view headers) {
  return "GET / HTTP/1.1\r\n" + std::string(headers) + "\r\n";
}

// Captured from the programs, with another info hash.
constexpr std::string_view kLibtorrent =
    "GET /announce?info_hash=%124Vx%9a%bc%de%f1%23Eg%89%ab%cd%ef%124Vx%9a&peer_id=-LT1190-abcdef"
    "ghijkl&port=6881&uploaded=0&downloaded=0&left=0&corrupt=0&key=5C9F00A1&event=started&numwant="
    "200&compact=1&no_peer_id=1&supportcrypto=1&redundant=0 HTTP/1.1\r\n"
    "Host: tracker.example:3000\r\n"
    "User-Agent: libtorrent/1.1.9.0\r\n"
    "Accept-Encoding: gzip\r\n"
    "Connection: close\r\n"
    "\r\n";

TEST(RequestHead, ReadsARealRequest) {
  const Decoded decoded = decode(kLibtorrent);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded.result, kLibtorrent.size());
  const RequestHead& head = decoded.head;
  EXPECT_EQ(head.method, "GET");
  EXPECT_TRUE(head.target.starts_with("/announce?info_hash=%124Vx"));
  EXPECT_TRUE(head.target.ends_with("&redundant=0"));
  EXPECT_EQ(head.minor_version, 1u);
  EXPECT_FALSE(head.keeps_alive);
  EXPECT_FALSE(head.has_body());
  ASSERT_EQ(head.headers().size(), 4u);
  EXPECT_EQ(head.headers()[0].name, "Host");
  EXPECT_EQ(head.headers()[0].value, "tracker.example:3000");
  EXPECT_EQ(head.headers()[3].name, "Connection");
}

TEST(RequestHead, BorrowsFromTheInput) {
  const std::string text = with("A: b\r\n");
  RequestHead head;
  ASSERT_TRUE(decode_request_head(as_bytes(text), {}, head));
  EXPECT_EQ(head.method.data(), text.data());
  EXPECT_EQ(head.headers()[0].value.data(), text.data() + text.find('b'));
}

TEST(RequestHead, LeavesWhatComesAfter) {
  const std::string first = with("A: b\r\n");
  for (const std::string& rest : {"GET /second HTTP/1.1\r\n\r\n"s, "\n"s, "\0\xff"s, " x"s}) {
    const Decoded decoded = decode(first + rest);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded.result, first.size());
  }
}

TEST(RequestHead, ForgetsTheLastOne) {
  RequestHead head;
  ASSERT_TRUE(decode_request_head(
      as_bytes("POST / HTTP/1.0\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n"), {},
      head));
  ASSERT_TRUE(decode_request_head(
      as_bytes("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue, x\r\n\r\n"),
      {}, head));
  EXPECT_EQ(head.content_length, 0u);
  EXPECT_TRUE(head.has_chunked_body && head.expects_continue && head.has_other_expectation);
  ASSERT_TRUE(decode_request_head(as_bytes("GET / HTTP/1.1\r\n\r\n"), {}, head));
  EXPECT_FALSE(head.has_body() || head.expects_continue || head.has_other_expectation);
  EXPECT_TRUE(head.keeps_alive);
  EXPECT_TRUE(head.headers().empty());
}

TEST(RequestHead, EmptyLinesBeforeItArePassedOverAndCount) {
  const std::string request = with("A: b\r\n");
  for (const std::string& before : {"\r\n"s, "\r\n\r\n\r\n"s}) {
    const Decoded decoded = decode(before + request);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded.result, before.size() + request.size());
    EXPECT_EQ(decoded.head.method, "GET");
  }
  expect_error("\n" + request, HeadError::malformed);
  std::string many;
  while (many.size() < HeadLimits{}.max_bytes) many += "\r\n";
  expect_error(many, HeadError::too_large);
  many.resize(many.size() - 2);
  expect_error(many, HeadError::incomplete);
}

TEST(RequestHead, ReadsBothVersionsAndAnyMethod) {
  EXPECT_EQ(decode("GET / HTTP/1.0\r\n\r\n").head.minor_version, 0u);
  EXPECT_EQ(decode("GET / HTTP/1.1\r\n\r\n").head.minor_version, 1u);
  EXPECT_EQ(decode("M-SEARCH * HTTP/1.1\r\n\r\n").head.method, "M-SEARCH");
  EXPECT_EQ(decode("get / HTTP/1.1\r\n\r\n").head.method, "get");
}

TEST(RequestHead, OtherVersionsAreUnknownNotMalformed) {
  for (const std::string_view version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.1"}) {
    expect_error("GET / " + std::string(version) + "\r\n\r\n", HeadError::unknown_version);
  }
  expect_error("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HeadError::unknown_version);
  for (const std::string_view version :
       {"HTTP/1", "HTTP/11", "HTTP/1.10", "HTTP/1.1 ", "http/1.1", "HTTP/x.1", "HTTP/1,1", "ICY"}) {
    expect_error("GET / " + std::string(version) + "\r\n\r\n", HeadError::malformed);
  }
}

// X33 and old programs: what should have been encoded comes raw.
TEST(RequestHead, AnyByteThatIsNoControlMayStandInTheTarget) {
  std::string target = "/";
  for (int byte = 0x21; byte < 0x100; ++byte) {
    if (byte != 0x7f) target += static_cast<char>(byte);
  }
  const Decoded decoded = decode("GET " + target + " HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded.head.target, target);
  for (const char c : {'\0', '\t', '\r', '\x1f', '\x7f', ' '}) {
    expect_error("GET /a"s + c + "b HTTP/1.1\r\n\r\n", HeadError::malformed);
  }
}

TEST(RequestHead, ValuesAreTrimmedAndMayBeEmptyOrAnyText) {
  const Decoded decoded = decode(with("A:  \t b c \t\r\nB:\r\nC: \r\nD:x\r\nE: \x80\xff\ty\r\n"));
  ASSERT_TRUE(decoded);
  const auto headers = decoded.head.headers();
  ASSERT_EQ(headers.size(), 5u);
  EXPECT_EQ(headers[0].value, "b c");
  EXPECT_EQ(headers[1].value, "");
  EXPECT_EQ(headers[2].value, "");
  EXPECT_EQ(headers[3].value, "x");
  EXPECT_EQ(headers[4].value, "\x80\xff\ty");
}

TEST(RequestHead, RefusesWhatIsNoHeader) {
  for (const std::string& line :
       {"NoColon\r\n"s, ": v\r\n"s, "A : b\r\n"s, "A\t: b\r\n"s, " A: b\r\n"s, "A b: c\r\n"s,
        "A: b\0c\r\n"s, "A\0: b\r\n"s, "A: b\x7f\r\n"s, "A: b\x01\r\n"s, "A: b\rc\r\n"s,
        "\xc3\xa4: b\r\n"s, "A(: b\r\n"s, "A: b\n"s, "A: b\r\r\n"s}) {
    expect_error(with(line), HeadError::malformed);
    expect_error(with("X: y\r\n" + line + "Z: z\r\n"), HeadError::malformed);
  }
}

// RFC 9112 §5.2: what a line that begins with white space goes on with is read differently.
TEST(RequestHead, RefusesFoldedLines) {
  for (const std::string_view headers : {"A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A:\r\n c\r\n",
                                         "A: b\r\n \r\n", " A: b\r\n", "A: b\r\n \r\n c\r\n"}) {
    expect_error(with(headers), HeadError::malformed);
  }
}

TEST(RequestHead, RefusesBareLineFeedsAtOnce) {
  expect_error("GET / HTTP/1.1\n\n", HeadError::malformed);
  expect_error("GET / HTTP/1.1\n", HeadError::malformed);
  expect_error("\n", HeadError::malformed);
  expect_error("GET / HTTP/1.1\r\nA: b\n", HeadError::malformed);
  expect_error("GET / HTTP/1.1\r\n\n", HeadError::malformed);
}

TEST(RequestHead, RefusesRequestLinesThatAreNone) {
  for (const std::string_view line :
       {"GET", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
        "GET\t/ HTTP/1.1", "/ HTTP/1.1", "GET HTTP/1.1", "G(T / HTTP/1.1", "\x16\x03\x01",
        "GET / HTTP/1.1 HTTP/1.1"}) {
    expect_error(std::string(line) + "\r\n\r\n", HeadError::malformed);
  }
}

TEST(RequestHead, ReadsContentLength) {
  for (const auto& [value, length] : {std::pair{"0", std::uint64_t{0}},
                                      {"5", 5},
                                      {" 0042 ", 42},
                                      {"18446744073709551615", UINT64_MAX}}) {
    const Decoded decoded = decode(with("Content-Length: "s + value + "\r\n"));
    ASSERT_TRUE(decoded) << value;
    EXPECT_EQ(decoded.head.content_length, length);
    EXPECT_EQ(decoded.head.has_body(), length > 0);
  }
}

TEST(RequestHead, RefusesBodiesOfDoubtfulLength) {
  for (const std::string_view headers :
       {"Content-Length:\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 5,\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: five\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\ncontent-length: 6\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: \r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \x0b"
        "chunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n"}) {
    expect_error(with(headers), HeadError::malformed);
  }
  expect_error("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HeadError::malformed);
}

TEST(RequestHead, ReadsChunkedBodies) {
  const Decoded decoded = decode(with("transfer-encoding: Chunked\r\n"));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded.head.has_chunked_body);
  EXPECT_TRUE(decoded.head.has_body());
}

TEST(RequestHead, HostComesAtMostOnce) {
  EXPECT_TRUE(decode(with("")));  // Old programs send none, and nothing here depends on it.
  EXPECT_TRUE(decode(with("Host: a\r\n")));
  expect_error(with("Host: a\r\nhost: a\r\n"), HeadError::malformed);
}

TEST(RequestHead, ConnectionHeadersDecideWhetherItStays) {
  const auto keeps_alive = [](const std::string& text) { return decode(text).head.keeps_alive; };
  EXPECT_TRUE(keeps_alive(with("")));
  EXPECT_FALSE(keeps_alive(with("Connection: TE\r\nconnection: foo, Close\r\n")));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps_alive("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(RequestHead, ReadsExpectations) {
  const Decoded decoded = decode(with("Expect: 100-Continue\r\n"));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded.head.expects_continue);
  EXPECT_FALSE(decoded.head.has_other_expectation);
  EXPECT_TRUE(decode(with("Expect: miracles\r\n")).head.has_other_expectation);
  EXPECT_FALSE(decode("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").head.expects_continue);
}

// X32: what is not whole is not looked into, and no answer is given too early.
TEST(RequestHead, EveryTruncationIsIncomplete) {
  const std::string text = "\r\n" + std::string(kLibtorrent);
  for (std::size_t size = 0; size < text.size(); ++size) {
    expect_error(text.substr(0, size), HeadError::incomplete);
  }
  EXPECT_TRUE(decode(text));
}

TEST(RequestHead, HeadsUpToTheLimitAreRead) {
  HeadLimits limits;
  for (const std::size_t size : {std::size_t{64}, std::size_t{8192}, std::size_t{20'000}}) {
    limits.max_bytes = size;
    std::string text = with("A: " + std::string(size - 23, 'x') + "\r\n");
    ASSERT_EQ(text.size(), size);
    EXPECT_TRUE(decode(text, limits));
    EXPECT_TRUE(decode(text + "more", limits));
    limits.max_bytes = size - 1;
    expect_error(text, HeadError::too_large, limits);
    expect_error(text.substr(0, size - 1), HeadError::too_large, limits);
    expect_error(text.substr(0, size - 2), HeadError::incomplete, limits);
  }
}

TEST(RequestHead, HeadersUpToTheLimitAreRead) {
  const auto lines = [](std::size_t count) {
    std::string headers;
    for (std::size_t i = 0; i < count; ++i) headers += "A: b\r\n";
    return headers;
  };
  const Decoded full = decode(with(lines(RequestHead::kMaxHeaders)));
  ASSERT_TRUE(full);
  EXPECT_EQ(full.head.headers().size(), RequestHead::kMaxHeaders);
  expect_error(with(lines(RequestHead::kMaxHeaders + 1)), HeadError::too_many_headers);
  // Said as soon as it is known.
  expect_error("GET / HTTP/1.1\r\n" + lines(RequestHead::kMaxHeaders + 1),
               HeadError::too_many_headers);

  HeadLimits limits{.max_headers = 2};
  EXPECT_TRUE(decode(with(lines(2)), limits));
  expect_error(with(lines(3)), HeadError::too_many_headers, limits);
  limits.max_headers = 0;
  EXPECT_TRUE(decode(with(""), limits));
  limits.max_headers = 1000;  // More than there is room for.
  expect_error(with(lines(RequestHead::kMaxHeaders + 1)), HeadError::too_many_headers, limits);
}

// Damage anywhere: no crash, and prefixes never say what the whole takes back.
TEST(RequestHead, DamagedRequestsAreReadOrRefusedAndPrefixesAgree) {
  constexpr std::string_view kAlphabet = "\r\n\0 \t:,GH/1.0\xff\x7f"sv;
  Random random(1);
  const HeadLimits limits{.max_bytes = 300, .max_headers = 5};
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "\r\nPOST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n";
    for (std::uint32_t left = 1 + random.below(3); left > 0; --left) {
      text[random.below(static_cast<std::uint32_t>(text.size()))] =
          kAlphabet[random.below(kAlphabet.size())];
    }
    const Decoded whole = decode(text, limits);
    read += whole ? 1 : 0;
    for (std::size_t size = 0; size < text.size(); ++size) {
      const Decoded part = decode(text.substr(0, size), limits);
      if (!part && part.result.error() == HeadError::incomplete) continue;
      ASSERT_EQ(part.result, whole.result) << text << size;
      break;
    }
  }
  EXPECT_GT(read, 1000);
}

TEST(GetRequest, WritesWhatTheDecoderReads) {
  const std::array<Header, 2> headers = {
      {{.name = "User-Agent", .value = "x/1"}, {.name = "X-Forwarded-For", .value = "192.0.2.7"}}};
  for (const bool keeps_alive : {true, false}) {
    ByteBuffer out;
    encode({.target = "/announce?a=%00",
            .host = "tracker.example:3000",
            .keeps_alive = keeps_alive,
            .headers = headers},
           out);
    const Decoded decoded = decode(out.text());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded.result, out.size());
    EXPECT_EQ(decoded.head.method, "GET");
    EXPECT_EQ(decoded.head.target, "/announce?a=%00");
    EXPECT_EQ(decoded.head.keeps_alive, keeps_alive);
    EXPECT_FALSE(decoded.head.has_body());
    EXPECT_EQ(decoded.head.headers().front().value, "tracker.example:3000");
    EXPECT_EQ(decoded.head.headers().back().name, "X-Forwarded-For");
    EXPECT_EQ(decoded.head.headers().back().value, "192.0.2.7");
  }
}

rc::Gen<std::string> any_text_of(char first, char last) {
  return rc::gen::container<std::string>(
      rc::gen::cast<char>(rc::gen::inRange(int{first}, int{last} + 1)));
}

RC_GTEST_PROP(GetRequest, DecodesToWhatWasEncoded, (bool keeps_alive)) {
  const std::string target = "/" + *any_text_of('!', '~');
  // Names that mean nothing.
  const auto any_header =
      rc::gen::map(rc::gen::pair(any_text_of('a', 'z'), any_text_of('!', '~')),
                   [](const auto& pair) { return std::pair("x-" + pair.first, pair.second); });
  const auto texts = *rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
      *rc::gen::inRange<std::size_t>(0, 20), any_header);
  std::vector<Header> headers;
  for (const auto& [name, value] : texts) headers.push_back({.name = name, .value = value});
  ByteBuffer out;
  encode({.target = target, .host = "a", .keeps_alive = keeps_alive, .headers = headers}, out);
  RequestHead head;
  RC_ASSERT(decode_request_head(out.bytes(), {.max_bytes = SIZE_MAX}, head) == out.size());
  RC_ASSERT(head.target == target);
  RC_ASSERT(head.keeps_alive == keeps_alive);
  const std::size_t own_headers = keeps_alive ? 1 : 2;
  RC_ASSERT(head.headers().size() == headers.size() + own_headers);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    RC_ASSERT(head.headers()[own_headers + i].name == headers[i].name);
    RC_ASSERT(head.headers()[own_headers + i].value == headers[i].value);
  }
}

}  // namespace
}  // namespace aquatic::http
