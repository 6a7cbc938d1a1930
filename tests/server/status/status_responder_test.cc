// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_responder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "server/status/page_files.h"
#include "tests/server/status/status_rig.h"

namespace aquatic::server {
namespace {

using net::StreamEvent;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class StatusResponderTest : public testing::Test, protected StatusRig {
 protected:
  std::string ask(std::string_view target, std::string_view headers = "") {
    return send(get(target, headers));
  }
  // All of a response that may come in pieces.
  std::string ask_for_all(std::string_view target) {
    std::string all = ask(target);
    while (has_more) all += turn(StreamEvent::drained);
    return all;
  }
  std::string body_of(std::string_view response) {
    return std::string(response.substr(response.find("\r\n\r\n") + 4));
  }
};

TEST_F(StatusResponderTest, ServesThePageAndItsFilesAsTheyAre) {
  const std::string page = ask_for_all("/stats");
  EXPECT_THAT(page, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                          HasSubstr("Content-Type: text/html; charset=utf-8\r\n"),
                          HasSubstr("Content-Security-Policy: default-src 'none'; ")));
  EXPECT_EQ(body_of(page), kPageHtml);
  EXPECT_THAT(kPageHtml, StartsWith("<!doctype html>"));
  const std::string style = ask_for_all("/stats/page.css");
  EXPECT_THAT(style, HasSubstr("Content-Type: text/css; charset=utf-8\r\n"));
  EXPECT_EQ(body_of(style), kPageCss);
  const std::string script = ask_for_all("/stats/page.js");
  EXPECT_THAT(script, HasSubstr("Content-Type: text/javascript; charset=utf-8\r\n"));
  EXPECT_EQ(body_of(script), kPageJs);
}

// What the policy that is sent with it would forbid, and what would leave the tracker.
TEST(StatusPageFiles, NeedNothingFromElsewhereAndNothingInline) {
  for (const std::string_view part : {"<style", "style=", "onclick", "onload", "javascript:"}) {
    EXPECT_THAT(std::string(kPageHtml), Not(HasSubstr(part)));
  }
  for (const std::string_view part : {"innerHTML", "outerHTML", "insertAdjacent", "document.write",
                                      "eval(", "new Function", "'style'"}) {
    EXPECT_THAT(std::string(kPageJs), Not(HasSubstr(part)));
  }
  for (const std::string_view file : {kPageHtml, kPageCss, kPageJs}) {
    for (std::size_t at = file.find("://"); at != file.npos; at = file.find("://", at + 1)) {
      EXPECT_EQ(file.substr(at, 14), "://www.w3.org/") << "but names of XML";
    }
  }
}

TEST_F(StatusResponderTest, ServesWhatProgramsRead) {
  pages->json = "{json}";
  pages->metrics = "aquatic_peers 3\n";
  pages->history[static_cast<std::size_t>(HistoryRange::hour)] =
      std::make_shared<const std::string>("{hour}");
  EXPECT_THAT(ask("/stats.json"),
              AllOf(HasSubstr("Content-Type: application/json\r\n"),
                    HasSubstr("Cache-Control: no-store\r\n"), EndsWith("\r\n\r\n{json}")));
  EXPECT_THAT(ask("/stats", "Accept: application/json\r\n"), EndsWith("\r\n\r\n{json}"));
  EXPECT_THAT(ask("/metrics"),
              AllOf(HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
                    EndsWith("\r\n\r\naquatic_peers 3\n")));
  EXPECT_THAT(ask("/stats/history?range=hour"), EndsWith("\r\n\r\n{hour}"));
  EXPECT_THAT(ask("/stats/history"), EndsWith("\r\n\r\n{}")) << "there is no day yet";
  EXPECT_THAT(ask("/stats/history?range=year"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("/stats/nothing"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(StatusResponderTest, ServesNewPagesAsSoonAsThereAreSome) {
  pages->json = "old";
  EXPECT_THAT(ask("/stats.json"), EndsWith("old"));
  auto newer = std::make_shared<StatusPages>();
  newer->json = "new";
  snapshot.replace(newer);
  EXPECT_THAT(ask("/stats.json"), EndsWith("new"));
}

TEST_F(StatusResponderTest, MetricsAreNotForEverybody) {
  const StatusResponder open({snapshot, subscribers, inbox, swarm, access_list, true}, true);
  const StatusResponder closed({snapshot, subscribers, inbox, swarm, access_list, false}, true);
  EXPECT_TRUE(open.answers("/metrics"));
  EXPECT_FALSE(closed.answers("/metrics"));
  EXPECT_TRUE(closed.answers("/stats"));
  EXPECT_TRUE(closed.answers("/stats/events"));
  EXPECT_FALSE(closed.answers("/statistics"));
  EXPECT_FALSE(closed.answers("/announce"));
}

TEST_F(StatusResponderTest, AnswersAsOpentracker) {
  pages->opentracker[static_cast<std::size_t>(OpentrackerMode::peer)] = "1\n2\n";
  EXPECT_THAT(ask("/stats?mode=peer"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Type: text/plain\r\n"),
                    EndsWith("\r\n\r\n1\n2\n")));
  EXPECT_THAT(ask("/stats?format=txt&mode=peer"), EndsWith("1\n2\n"));
  EXPECT_THAT(ask("/stats?mode=top10"), AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("torrents")));
  EXPECT_THAT(ask("/stats?mode=woodpeckers"),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("everything")));
}

TEST_F(StatusResponderTest, GivesAllTorrentsOnlyWhereThatIsAllowed) {
  EXPECT_THAT(ask("/stats?mode=tpbs"), AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("torrents")));
  EXPECT_THAT(ask("/stats?mode=tpbs&format=pdf"), StartsWith("HTTP/1.1 404 "));
  pages->names_torrents = true;
  Random random(1);
  swarm.announce(swarm.locate(Family::ipv4, InfoHash()),
                 {.peer = {*IpAddress::parse("192.0.2.1"), 1}, .status = swarm::Status::leecher}, 0,
                 {}, random);
  EXPECT_THAT(ask_for_all("/stats?mode=tpbs"),
              AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"), HasSubstr("d5:filesd20:"),
                    EndsWith("ee\r\n0\r\n\r\n")));
  EXPECT_EQ(memo, 0u);
  EXPECT_THAT(ask_for_all("/stats?mode=tpbs&format=txt"),
              HasSubstr("0000000000000000000000000000000000000000:0:1\n"));
  EXPECT_FALSE(is_closed);
  EXPECT_THAT(send(get("/stats?mode=tpbs", "", "HEAD")), EndsWith("\r\n\r\n"));
  std::string old = send(get("/stats?mode=tpbs&format=txt", "", "GET", "1.0"));
  while (has_more) old += turn(StreamEvent::drained);
  EXPECT_THAT(body_of(old), EndsWith(":0:1\n"));
  EXPECT_TRUE(is_closed);
}

TEST_F(StatusResponderTest, LongBodiesLeaveInPieces) {
  pages->json = std::string(3 * StatusResponder::kPieceBytes + 5, 'x');
  std::string all = ask("/stats.json");
  EXPECT_TRUE(has_more);
  EXPECT_NE(memo, 0u);
  for (int pieces = 1; has_more; ++pieces) {
    const std::string piece = turn(StreamEvent::drained);
    EXPECT_LE(piece.size(), StatusResponder::kPieceBytes);
    EXPECT_LE(pieces, 3);
    all += piece;
  }
  EXPECT_EQ(memo, 0u);
  EXPECT_FALSE(is_closed);
  EXPECT_EQ(body_of(all), pages->json);
  EXPECT_THAT(all, HasSubstr("Content-Length: " + std::to_string(pages->json.size()) + "\r\n"));
  EXPECT_THAT(ask("/health"), EndsWith("ok"));
}

TEST_F(StatusResponderTest, WhatIsOnItsWayStaysAsItWas) {
  pages->json = std::string(2 * StatusResponder::kPieceBytes, 'x');
  std::string all = ask("/stats.json");
  pages.reset();
  snapshot.replace(std::make_shared<StatusPages>());
  const std::uint64_t first = std::exchange(memo, 0);
  EXPECT_THAT(ask("/stats.json"), EndsWith("\r\n\r\n")) << "another stream gets the new pages";
  memo = first;
  while (memo != 0) all += turn(StreamEvent::drained);
  EXPECT_EQ(body_of(all), std::string(2 * StatusResponder::kPieceBytes, 'x'));
}

TEST_F(StatusResponderTest, ClosesBehindTheLastPieceWhereAsked) {
  pages->json = std::string(StatusResponder::kPieceBytes + 1, 'x');
  EXPECT_THAT(send(get("/stats.json", "Connection: close\r\n")),
              HasSubstr("Connection: close\r\n"));
  EXPECT_FALSE(is_closed);
  EXPECT_EQ(turn(StreamEvent::drained), "x");
  EXPECT_TRUE(is_closed);
}

TEST_F(StatusResponderTest, ThereAreOnlySoManyLongBodiesAtOnce) {
  pages->json = std::string(StatusResponder::kPieceBytes + 1, 'x');
  std::uint64_t one = 0;
  for (std::size_t i = 0; i < StatusResponder::kMaxTransfers; ++i) {
    memo = 0;
    EXPECT_THAT(ask("/stats.json"), StartsWith("HTTP/1.1 200 "));
    if (i == 20) one = memo;
  }
  memo = 0;
  EXPECT_THAT(ask("/stats.json"), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: ")));
  EXPECT_EQ(memo, 0u);
  handler.forget(one);
  EXPECT_THAT(ask("/stats.json"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(StatusResponderTest, ToHeadItGivesNoBody) {
  pages->json = std::string(StatusResponder::kPieceBytes + 1, 'x');
  EXPECT_THAT(send(get("/stats.json", "", "HEAD")),
              AllOf(HasSubstr("Content-Length: 16385\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(send(get("/stats/events", "", "HEAD")),
              AllOf(HasSubstr("Content-Type: text/event-stream\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_TRUE(is_closed);
  EXPECT_EQ(subscribers.size(), 0u);
  EXPECT_EQ(memo, 0u);
}

TEST_F(StatusResponderTest, SubscribersGetAnEventNowAndWithEachNudge) {
  pages->event = "data: 1\n\n";
  EXPECT_THAT(ask("/stats/events"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Type: text/event-stream\r\n"),
                    HasSubstr("Transfer-Encoding: chunked\r\n"),
                    EndsWith("\r\n\r\nd\r\nretry: 2000\n\n\r\n9\r\ndata: 1\n\n\r\n")));
  EXPECT_FALSE(has_more);
  EXPECT_FALSE(is_closed);
  EXPECT_EQ(subscribers.size(), 1u);
  auto newer = std::make_shared<StatusPages>();
  newer->event = "data: 22\n\n";
  snapshot.replace(newer);
  EXPECT_EQ(turn(StreamEvent::message), "a\r\ndata: 22\n\n\r\n");
  handler.forget(memo);
  EXPECT_EQ(subscribers.size(), 0u);
}

TEST_F(StatusResponderTest, WhoDoesNotReadMissesEvents) {
  pages->event = "data: 1\n\n";
  ask("/stats/events");
  EXPECT_EQ(turn(StreamEvent::message, "", "not yet sent"), "");
  EXPECT_EQ(turn(StreamEvent::idle, "", "not yet sent"), "");
  EXPECT_THAT(turn(StreamEvent::message), HasSubstr("data: 1"));
}

TEST_F(StatusResponderTest, SubscribersMayBeIdleAndEndWithTheTracker) {
  ask("/stats/events");
  EXPECT_THAT(turn(StreamEvent::idle), HasSubstr(": still here\n\n")) << "a comment";
  EXPECT_FALSE(is_closed);
  EXPECT_EQ(turn(StreamEvent::stopping), "0\r\n\r\n");
  EXPECT_TRUE(is_closed);
}

TEST_F(StatusResponderTest, SubscribersHaveAskedTheirLastQuestion) {
  send(get("/stats/events") + get("/health"));
  EXPECT_FALSE(unread().empty());
  EXPECT_EQ(turn(StreamEvent::input), "");
  EXPECT_TRUE(unread().empty());
  EXPECT_FALSE(is_closed);
}

TEST_F(StatusResponderTest, OldHttpGetsEventsWithoutChunks) {
  pages->event = "data: 1\n\n";
  EXPECT_THAT(send(get("/stats/events", "", "GET", "1.0")),
              AllOf(HasSubstr("Connection: close\r\n"), Not(HasSubstr("chunked")),
                    EndsWith("\r\n\r\nretry: 2000\n\ndata: 1\n\n")));
  EXPECT_EQ(turn(StreamEvent::message), "data: 1\n\n");
  EXPECT_EQ(turn(StreamEvent::stopping), "");
  EXPECT_TRUE(is_closed);
}

TEST_F(StatusResponderTest, OneSubscriberTooManyIsAskedToComeBack) {
  for (int i = 0; i < 2; ++i) {
    memo = 0;
    ask("/stats/events");
  }
  const std::uint64_t second = memo;
  memo = 0;
  EXPECT_THAT(ask("/stats/events"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 10\r\n")));
  EXPECT_FALSE(is_closed);
  EXPECT_EQ(memo, 0u);
  handler.forget(second);
  EXPECT_THAT(ask("/stats/events"), StartsWith("HTTP/1.1 200 "));
}

TEST(StatusResponderMemo, IsNotTakenForThoseOfOthers) {
  EXPECT_FALSE(StatusResponder::is_memo(0));
  EXPECT_FALSE(StatusResponder::is_memo(UINT32_MAX)) << "WebSocket";
  EXPECT_FALSE(StatusResponder::is_memo(UINT64_MAX)) << "a full scrape";
  EXPECT_TRUE(StatusResponder::is_memo(std::uint64_t{1} << 62));
}

}  // namespace
}  // namespace aquatic::server
