// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_response_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace aquatic::load_test {
namespace {

constexpr std::string_view kTwo =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nde"
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::size_t kFirstBytes = 40;

Expected<HttpResponse, HttpReadError> read(std::string_view text, bool has_ended = false) {
  return read_http_response(as_bytes(text), has_ended);
}

TEST(HttpResponseReader, FindsOneAfterTheOther) {
  const auto first = read(kTwo);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 200u);
  EXPECT_EQ(as_text(first->body), "de");
  EXPECT_TRUE(first->keeps_alive);
  EXPECT_EQ(first->bytes, kFirstBytes);
  const auto second = read(kTwo.substr(first->bytes));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 404u);
  EXPECT_FALSE(second->keeps_alive);
  EXPECT_EQ(first->bytes + second->bytes, kTwo.size());
}

TEST(HttpResponseReader, WaitsForTheRest) {
  for (std::size_t bytes = 0; bytes < kFirstBytes; ++bytes) {
    EXPECT_EQ(read(kTwo.substr(0, bytes)).error(), HttpReadError::incomplete) << bytes;
    EXPECT_EQ(read(kTwo.substr(0, bytes), true).error(), HttpReadError::malformed) << bytes;
  }
}

TEST(HttpResponseReader, ABodyWithoutALengthEndsWithTheConnection) {
  constexpr std::string_view kText = "HTTP/1.0 200 OK\r\n\r\nde";
  EXPECT_EQ(read(kText).error(), HttpReadError::incomplete);
  const auto response = read(kText, true);
  ASSERT_TRUE(response);
  EXPECT_EQ(as_text(response->body), "de");
  EXPECT_FALSE(response->keeps_alive);
  EXPECT_EQ(response->bytes, kText.size());
}

TEST(HttpResponseReader, RefusesWhatItCannotRead) {
  EXPECT_EQ(read("nonsense\r\n\r\n").error(), HttpReadError::malformed);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").error(),
            HttpReadError::malformed);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n").error(),
            HttpReadError::malformed);
  const std::string endless = "HTTP/1.0 200 OK\r\n\r\n" + std::string(1'048'577, 'x');
  EXPECT_EQ(read(endless).error(), HttpReadError::malformed);
}

}  // namespace
}  // namespace aquatic::load_test
