// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/response_head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aquatic::http {
namespace {

using namespace std::string_literals;

constexpr std::array kStatusCodes = {StatusCode::ok,
                                     StatusCode::found,
                                     StatusCode::bad_request,
                                     StatusCode::forbidden,
                                     StatusCode::not_found,
                                     StatusCode::method_not_allowed,
                                     StatusCode::request_timeout,
                                     StatusCode::content_too_large,
                                     StatusCode::uri_too_long,
                                     StatusCode::expectation_failed,
                                     StatusCode::header_fields_too_large,
                                     StatusCode::service_unavailable,
                                     StatusCode::version_not_supported};

std::string encoded(const ResponseHead& head) {
  ByteBuffer out;
  encode(head, out);
  return std::string(out.text());
}

Expected<ReceivedHead, ResponseHeadError> decode(std::string_view text,
                                                 std::size_t max_bytes = 8192) {
  // A copy of exactly the right size, so that AddressSanitizer sees a step too far.
  const std::vector<char> copy(text.begin(), text.end());
  return decode_response_head(std::as_bytes(std::span(copy)), max_bytes);
}

TEST(ResponseHead, WritesTheReferenceBytes) {
  EXPECT_EQ(encoded({.content_length = 57}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 57\r\n\r\n");
  EXPECT_EQ(encoded({.status = StatusCode::method_not_allowed,
                     .content_type = "text/plain; charset=utf-8",
                     .connection = ResponseHead::Connection::close,
                     .allow = "GET, HEAD"}),
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 0\r\nConnection: close\r\nAllow: GET, HEAD\r\n\r\n");
  EXPECT_EQ(encoded({.status = StatusCode::service_unavailable, .retry_after_s = 120}),
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n"
            "Retry-After: 120\r\n\r\n");
  EXPECT_EQ(encoded({.body_length = BodyLength::chunked,
                     .connection = ResponseHead::Connection::keep_alive}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
            "Connection: keep-alive\r\n\r\n");
  EXPECT_EQ(encoded({.content_type = "", .body_length = BodyLength::until_close}),
            "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(ResponseHead, EveryStatusHasAPhrase) {
  for (const StatusCode code : kStatusCodes) EXPECT_NE(reason_phrase(code), "");
}

TEST(ResponseHead, NoneIsLongerThanSaid) {
  const std::string longest(64, 'x');
  for (const StatusCode code : kStatusCodes) {
    EXPECT_LE(encoded({.status = code,
                       .content_type = longest,
                       .content_length = UINT64_MAX,
                       .connection = ResponseHead::Connection::keep_alive,
                       .retry_after_s = UINT32_MAX,
                       .allow = longest})
                  .size(),
              ResponseHead::kMaxBytes);
  }
}

TEST(ResponseHead, DecodesToWhatWasEncoded) {
  using Connection = ResponseHead::Connection;
  for (const StatusCode code : kStatusCodes) {
    for (const BodyLength length :
         {BodyLength::known, BodyLength::chunked, BodyLength::until_close}) {
      for (const Connection connection :
           {Connection::unsaid, Connection::close, Connection::keep_alive}) {
        const std::string text = encoded({.status = code,
                                          .body_length = length,
                                          .content_length = 1234,
                                          .connection = connection,
                                          .retry_after_s = 7});
        const auto head = decode(text + "body");
        ASSERT_TRUE(head);
        EXPECT_EQ(head->status, static_cast<unsigned>(code));
        EXPECT_EQ(head->bytes, text.size());
        EXPECT_EQ(head->keeps_alive, connection != Connection::close);
        EXPECT_EQ(head->has_chunked_body, length == BodyLength::chunked);
        EXPECT_EQ(head->content_length.has_value(), length == BodyLength::known);
        EXPECT_EQ(head->content_length.value_or(1234), 1234u);
      }
    }
  }
}

// What other trackers send.
TEST(ResponseHead, ReadsHeadsOfOthers) {
  const auto padded = decode("HTTP/1.1 200 OK\r\nContent-Length: 57      \r\n\r\n");
  ASSERT_TRUE(padded);
  EXPECT_EQ(padded->content_length, 57u);
  const auto old = decode("HTTP/1.0 200 OK\r\nContent-Type:text/plain\r\ncontent-length:9\r\n\r\n");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->minor_version, 0u);
  EXPECT_FALSE(old->keeps_alive);
  EXPECT_EQ(old->content_length, 9u);
  EXPECT_EQ(decode("HTTP/1.1 404\r\n\r\n")->status, 404u);
  EXPECT_EQ(decode("HTTP/1.1 404 \r\n\r\n")->status, 404u);
}

TEST(ResponseHead, EveryTruncationIsIncomplete) {
  const std::string text = encoded({.content_length = 57});
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto head = decode(text.substr(0, size));
    ASSERT_FALSE(head) << size;
    EXPECT_EQ(head.error(), ResponseHeadError::incomplete) << size;
  }
}

TEST(ResponseHead, RefusesWhatIsMalformed) {
  for (const std::string& text :
       {"HTTP/2.0 200 OK\r\n\r\n"s,
        "HTTP/1.2 200 OK\r\n\r\n"s,
        "http/1.1 200 OK\r\n\r\n"s,
        "HTTP/1.1 20 OK\r\n\r\n"s,
        "HTTP/1.1 2000 OK\r\n\r\n"s,
        "HTTP/1.1 099 OK\r\n\r\n"s,
        "HTTP/1.1 2x0 OK\r\n\r\n"s,
        "HTTP/1.1  200 OK\r\n\r\n"s,
        "HTTP/1.1 -20 OK\r\n\r\n"s,
        "\r\n\r\n"s,
        "x\r\n\r\n"s,
        "HTTP/1.1\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nNoColon\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"s,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"s}) {
    const auto head = decode(text);
    ASSERT_FALSE(head) << text;
    EXPECT_EQ(head.error(), ResponseHeadError::malformed) << text;
  }
}

TEST(ResponseHead, HeadsAboveTheLimitAreMalformed) {
  const std::string text = "HTTP/1.1 200 OK\r\nA: " + std::string(100, 'x') + "\r\n\r\n";
  EXPECT_TRUE(decode(text, text.size()));
  EXPECT_EQ(decode(text, text.size() - 1).error(), ResponseHeadError::malformed);
  EXPECT_EQ(decode(text.substr(0, 50), 51).error(), ResponseHeadError::incomplete);
  EXPECT_EQ(decode(text.substr(0, 50), 50).error(), ResponseHeadError::malformed);
}

TEST(Chunks, ArePutAroundWhatWasAppended) {
  ByteBuffer out;
  out.append("head");
  std::size_t begin = out.size();
  out.append("0123456789abcdefg");
  end_chunk(out, begin);
  EXPECT_EQ(out.text(), "head11\r\n0123456789abcdefg\r\n");
  begin = out.size();
  end_chunk(out, begin);  // Nothing: a chunk of none would be the end.
  EXPECT_EQ(out.size(), begin);
  out.append("x");
  end_chunk(out, begin);
  end_chunked_body(out);
  EXPECT_EQ(out.text(), "head11\r\n0123456789abcdefg\r\n1\r\nx\r\n0\r\n\r\n");
}

// X34: whatever the size, what comes out is what went in.
TEST(Chunks, OfEverySizeKeepTheirBytes) {
  for (std::size_t size = 1; size < 5000; size += 1 + size / 7) {
    ByteBuffer out;
    std::string body;
    for (std::size_t i = 0; i < size; ++i) body += static_cast<char>(i);
    out.append(body);
    end_chunk(out, 0);
    const std::string_view text = out.text();
    const std::size_t line_end = text.find("\r\n");
    EXPECT_EQ(std::stoul(std::string(text.substr(0, line_end)), nullptr, 16), size);
    EXPECT_EQ(text.substr(line_end + 2), body + "\r\n");
  }
}

TEST(ResponseHeadDeathTest, RefusesTextsLongerThanAllowed) {
  const std::string too_long(65, 'x');
  EXPECT_DEATH(encoded({.content_type = too_long}), "CHECK failed");
  EXPECT_DEATH(encoded({.allow = too_long}), "CHECK failed");
}

}  // namespace
}  // namespace aquatic::http
