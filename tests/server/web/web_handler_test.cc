// SPDX-License-Identifier: Apache-2.0
#include "server/web/web_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kAnnounce =
    "GET /announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1&left=1 "
    "HTTP/1.1\r\n\r\n";

class WebHandlerTest : public testing::Test {
 protected:
  WebHandler make_handler(Timing timing) {
    return {std::make_unique<HttpHandler>(options_.current()->http, swarm_, access_list_, 1, http_),
            options_, http_, ws_, timing};
  }

  std::string announce(WebHandler& handler) {
    ByteBuffer output;
    std::uint64_t memo = 0;
    net::StreamTurn turn{.peer = {*IpAddress::parse("192.0.2.1"), 50'000},
                         .input = std::as_bytes(std::span(kAnnounce)),
                         .output = output,
                         .memo = memo};
    handler.handle(turn);
    return std::string(output.text());
  }

  std::uint64_t timed_announces() const {
    metrics::LatencyCounts counts;
    http_.latency.add_to(Action::announce, counts);
    return counts.total();
  }

  Snapshot<WebHandlerOptions> options_{std::make_shared<WebHandlerOptions>()};
  swarm::Swarm swarm_{swarm::Options{}};
  access_list::Holder access_list_;
  HttpMetrics http_;
  WsMetrics ws_;
};

TEST_F(WebHandlerTest, AdoptsOptionsThatWereReadAgain) {
  WebHandler handler = make_handler(Timing::off);
  EXPECT_THAT(announce(handler), HasSubstr("8:intervali120e"));
  auto fresh = std::make_shared<WebHandlerOptions>();
  fresh->http.announce_interval_s = 77;
  fresh->http.max_peers = 1000;
  options_.replace(std::move(fresh));
  EXPECT_THAT(announce(handler), HasSubstr("8:intervali77e"));
}

TEST_F(WebHandlerTest, MeasuresWhereItIsTo) {
  WebHandler quick = make_handler(Timing::off);
  announce(quick);
  EXPECT_EQ(timed_announces(), 0u);
  WebHandler timed = make_handler(Timing::on);
  announce(timed);
  EXPECT_EQ(timed_announces(), 1u);
}

}  // namespace
}  // namespace aquatic::server
