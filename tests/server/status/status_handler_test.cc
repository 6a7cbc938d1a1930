// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/status/status_rig.h"

namespace aquatic::server {
namespace {

using net::StreamEvent;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class StatusHandlerTest : public testing::Test, protected StatusRig {};

TEST_F(StatusHandlerTest, SaysThatItIsThereAndWhatItHas) {
  EXPECT_THAT(send(get("/health")), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok")));
  EXPECT_THAT(send(get("/")),
              AllOf(StartsWith("HTTP/1.1 302 Found\r\n"), HasSubstr("Location: stats\r\n")));
  EXPECT_THAT(send(get("/announce?info_hash=x")),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("/stats")));
  EXPECT_FALSE(is_closed);
}

TEST_F(StatusHandlerTest, AnswersWhatComesTogetherInItsOrder) {
  pages->json = "{json}";
  pages->metrics = "metrics";
  const std::string responses = send(get("/stats.json") + get("/metrics") + "GET /hea");
  EXPECT_THAT(responses, AllOf(HasSubstr("{json}HTTP/1.1 200 OK\r\n"), EndsWith("metrics")));
  EXPECT_THAT(send("lth HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("ok"));
}

TEST_F(StatusHandlerTest, WhatComesBehindALongBodyWaitsForItsEnd) {
  pages->metrics = std::string(StatusResponder::kPieceBytes + 1, 'm');
  const std::string begin = send(get("/metrics") + get("/health"));
  EXPECT_TRUE(has_more);
  EXPECT_THAT(begin, EndsWith("mmm"));
  EXPECT_EQ(turn(StreamEvent::drained), "m");
  EXPECT_FALSE(has_more);
  EXPECT_THAT(turn(StreamEvent::input), EndsWith("\r\n\r\nok"));
  EXPECT_TRUE(unread().empty());
}

TEST_F(StatusHandlerTest, DoesNotAnswerMoreAtOnceThanItMay) {
  pages->json = std::string(10'000, 'x');
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += get("/stats.json");
  std::size_t bytes = send(requests).size();
  EXPECT_TRUE(has_more);
  EXPECT_LT(bytes, 64u * 1024 + 11'000);
  while (has_more) bytes += turn(StreamEvent::drained).size();
  EXPECT_GT(bytes, 200'000u);
}

TEST_F(StatusHandlerTest, KeepsOrClosesTheConnectionAsAsked) {
  EXPECT_THAT(send(get("/health", "Connection: close\r\n")), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(is_closed);
  EXPECT_THAT(send(get("/health", "Connection: keep-alive\r\n", "GET", "1.0")),
              HasSubstr("Connection: keep-alive\r\n"));
  EXPECT_FALSE(is_closed);
}

TEST_F(StatusHandlerTest, RefusesWhatNobodyShouldSend) {
  EXPECT_THAT(send(get("/stats", "", "DELETE")),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
  EXPECT_FALSE(is_closed);
  EXPECT_THAT(send(get("/stats", "Content-Length: 3\r\n")), StartsWith("HTTP/1.1 413 "));
  EXPECT_TRUE(is_closed);
  EXPECT_THAT(send(get("/stats", "Expect: a miracle\r\n")), StartsWith("HTTP/1.1 417 "));
}

TEST_F(StatusHandlerTest, ClosesWhatIsNoRequest) {
  EXPECT_THAT(send("\x16\x03\x01 nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(is_closed);
}

TEST_F(StatusHandlerTest, ClosesHeadsThatAreTooLarge) {
  EXPECT_THAT(send("GET /stats HTTP/1.1\r\nX: " + std::string(9000, 'x')),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_TRUE(is_closed);
}

TEST_F(StatusHandlerTest, KnowsTheOtherEventsOfAStream) {
  EXPECT_EQ(turn(StreamEvent::idle), "");
  EXPECT_EQ(turn(StreamEvent::stopping), "");
  EXPECT_EQ(turn(StreamEvent::message), "");
  EXPECT_THAT(turn(StreamEvent::refused), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(turn(StreamEvent::timeout, "GET /st"), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(is_closed);
}

}  // namespace
}  // namespace aquatic::server
