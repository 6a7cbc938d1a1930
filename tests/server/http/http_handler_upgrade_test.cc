// SPDX-License-Identifier: Apache-2.0
// What HttpHandler does with requests for WebSocket and for the status pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "protocol/ws/frame.h"
#include "server/http/http_handler.h"

namespace aquatic::server {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string upgrade(std::string_view headers = "", std::string_view version = "13") {
  return "GET /any/path HTTP/1.1\r\nHost: tracker\r\nConnection: keep-alive, Upgrade\r\n"
         "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Version: " +
         std::string(version) + "\r\n" + std::string(headers) + "\r\n";
}

std::string ping() {
  ByteBuffer out;
  ws::encode_frame(ws::Opcode::ping, as_bytes("hello"), out, 0x01020304);
  return std::string(out.text());
}

// A stream of a tracker that speaks WebSocket only.
class HttpUpgradeTest : public testing::Test {
 protected:
  HttpUpgradeTest() { mailboxes_.push_back(std::make_unique<net::Mailbox>(1000)); }

  HttpHandler& handler() {
    if (!handler_) {
      outbox_.emplace(mailboxes_, 0);
      auto upgrades =
          std::make_unique<WsHandler>(ws_options_, offers_, access_list_, *outbox_, 1, ws_metrics_);
      handler_.emplace(
          http_options_, swarm_, access_list_, 1, http_metrics_,
          HttpHandler::Others{.upgrades = std::move(upgrades),
                              .status = StatusSource{pages_, subscribers_, outbox_->inbox(), swarm_,
                                                     access_list_, false}});
    }
    return *handler_;
  }

  std::string send(std::string_view text) {
    input_ += text;
    ByteBuffer output;
    net::StreamTurn turn{.stream = 7,
                         .peer = peer_,
                         .input = as_bytes(input_),
                         .now = 10,
                         .output = output,
                         .memo = memo_};
    handler().handle(turn);
    input_.erase(0, turn.consumed);
    is_closed_ = turn.is_last;
    return std::string(output.text());
  }

  WsHandlerOptions ws_options_;
  HttpHandlerOptions http_options_{.serves_announces = false};
  Snapshot<StatusPages> pages_{std::make_shared<StatusPages>(StatusPages{.json = "{json}"})};
  Subscribers subscribers_;
  WsMetrics ws_metrics_;
  HttpMetrics http_metrics_;
  Endpoint peer_ = {*IpAddress::parse("192.0.2.1"), 50'000};
  std::string input_;
  std::uint64_t memo_ = 0;
  bool is_closed_ = false;

 private:
  swarm::Swarm swarm_{{.shard_count = 1}};
  offers::OfferSwarm offers_{{.shard_count = 1}};
  access_list::Holder access_list_;
  std::vector<std::unique_ptr<net::Mailbox>> mailboxes_;
  std::optional<net::Outbox> outbox_;
  std::optional<HttpHandler> handler_;
};

TEST_F(HttpUpgradeTest, BecomesWebSocketOnAnyPath) {
  const std::string response = send(upgrade());
  EXPECT_THAT(response, AllOf(StartsWith("HTTP/1.1 101 "), EndsWith("\r\n\r\n")));
  EXPECT_THAT(response, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
      << "the example of RFC 6455";
  EXPECT_THAT(send(ping()), HasSubstr("hello"));
  EXPECT_FALSE(is_closed_);
  handler().forget(memo_);
  EXPECT_EQ(ws_metrics_.of(Family::ipv4).get(WsMetric::closed), 1u);
}

TEST_F(HttpUpgradeTest, FramesMayComeAlongWithTheRequest) {
  EXPECT_THAT(send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + upgrade() + ping()),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("HTTP/1.1 101 "), EndsWith("hello")));
}

TEST_F(HttpUpgradeTest, RefusesOtherVersionsAndBrokenRequests) {
  EXPECT_THAT(send(upgrade("", "8")),
              AllOf(StartsWith("HTTP/1.1 426 "), HasSubstr("Sec-WebSocket-Version: 13\r\n")));
  EXPECT_TRUE(is_closed_);
  EXPECT_THAT(send(upgrade("Sec-WebSocket-Key: again\r\n")), StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(memo_, 0u);
  EXPECT_EQ(ws_metrics_.of(Family::ipv4).get(WsMetric::refused_upgrades), 2u);
}

TEST_F(HttpUpgradeTest, RefusesPagesOfOtherSites) {
  ws_options_.allowed_origins = {"https://good.example"};
  EXPECT_THAT(send(upgrade("Origin: https://evil.example\r\n")), StartsWith("HTTP/1.1 403 "));
  EXPECT_EQ(memo_, 0u);
  EXPECT_THAT(send(upgrade("Origin: https://good.example\r\n")), StartsWith("HTTP/1.1 101 "));
}

TEST_F(HttpUpgradeTest, TakesTheAddressThatAProxyForwards) {
  http_options_.is_behind_proxy = true;
  http_options_.trusted_proxies = *IpNetworks::parse("192.0.2.1");
  EXPECT_THAT(send(upgrade()), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(send(upgrade("X-Forwarded-For: 2001:db8::1\r\n")), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(ws_metrics_.of(Family::ipv6).get(WsMetric::upgrades), 1u);
}

TEST_F(HttpUpgradeTest, TellsHumansWhatThisIs) {
  for (const char* path : {"/", "/announce?info_hash=x", "/scrape"}) {
    EXPECT_THAT(send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("WebTorrent tracker")));
  }
}

class HttpStatusTest : public HttpUpgradeTest {
 protected:
  std::string get(std::string_view path, std::string_view headers = "") {
    return send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) +
                "\r\n");
  }
};

TEST_F(HttpStatusTest, ShowsHowManyThereAre) {
  EXPECT_THAT(get("/stats.json"),
              AllOf(HasSubstr("Content-Type: application/json\r\n"), EndsWith("{json}")));
  EXPECT_THAT(get("/stats"), AllOf(HasSubstr("Content-Type: text/html"), EndsWith("</html>\n")));
  EXPECT_THAT(get("/stats", "Accept: application/json\r\n"), EndsWith("{json}"));
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 404 ")) << "only where the operator says so";
}

TEST_F(HttpStatusTest, LeavesStreamsToTheStatusPagesAsLongAsTheyWantThem) {
  EXPECT_THAT(get("/stats/events"), HasSubstr("text/event-stream"));
  EXPECT_EQ(subscribers_.size(), 1u);
  EXPECT_EQ(send(upgrade()), "") << "he has asked his last question";
  handler().forget(memo_);
  EXPECT_EQ(subscribers_.size(), 0u);

  memo_ = 0;
  auto pages = std::make_shared<StatusPages>();
  pages->json = std::string(StatusResponder::kPieceBytes + 1, 'x');
  pages_.replace(pages);
  EXPECT_THAT(get("/stats.json"), HasSubstr("\r\n\r\nxxx"));
  EXPECT_NE(memo_, 0u);
  handler().forget(memo_);
}

}  // namespace
}  // namespace aquatic::server
