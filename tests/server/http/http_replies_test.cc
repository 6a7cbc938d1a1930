// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_replies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using http::StatusCode;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HttpRepliesTest : public testing::Test {
 protected:
  std::string reply(bool keeps_alive = true) {
    output_.clear();
    respond(turn_, request_, keeps_alive, {}, "body");
    return std::string(output_.text());
  }

  HttpRepliesTest() { request_.method = "GET"; }

  ByteBuffer output_;
  std::uint64_t memo_ = 0;
  net::StreamTurn turn_{.peer = {}, .input = {}, .output = output_, .memo = memo_};
  http::RequestHead request_;
};

TEST_F(HttpRepliesTest, TheConnectionStaysAsLongAsBothWantIt) {
  EXPECT_THAT(reply(), AllOf(HasSubstr("Content-Length: 4\r\n"), EndsWith("\r\n\r\nbody"),
                             Not(HasSubstr("Connection:"))));
  EXPECT_FALSE(turn_.is_last);
  EXPECT_THAT(reply(false), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(turn_.is_last);
  request_.minor_version = 0;
  EXPECT_THAT(reply(), HasSubstr("Connection: keep-alive\r\n"));
  request_.keeps_alive = false;
  EXPECT_THAT(reply(), HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpRepliesTest, HeadGetsTheHeadAlone) {
  request_.method = "HEAD";
  EXPECT_THAT(reply(), AllOf(HasSubstr("Content-Length: 4\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpRepliesTest, RefusalsSayWhyAndClose) {
  refuse_stream(turn_, StatusCode::service_unavailable);
  EXPECT_THAT(std::string(output_.text()),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 120\r\n"),
                    HasSubstr("Connection: close\r\n"), EndsWith("too many connections.\n")));
  EXPECT_TRUE(turn_.is_last);
}

TEST(HttpReplies, EachErrorHasItsStatus) {
  EXPECT_EQ(status_of(http::HeadError::malformed), StatusCode::bad_request);
  EXPECT_EQ(status_of(http::HeadError::unknown_version), StatusCode::version_not_supported);
  EXPECT_EQ(status_of(http::HeadError::too_large), StatusCode::header_fields_too_large);
  EXPECT_EQ(status_of(http::HeadError::too_many_headers), StatusCode::header_fields_too_large);
}

}  // namespace
}  // namespace aquatic::server
