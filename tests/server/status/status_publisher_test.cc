// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "net/connection_budget.h"
#include "net/stream_server.h"
#include "net/tcp_listener.h"
#include "server/status/status_handler.h"
#include "tests/support/manual_clock.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::server {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

TEST(StatusPublisher, MakesEveryPage) {
  swarm::Swarm swarm{{.shard_count = 1}};
  access_list::Holder access_list;
  StatusPublisher publisher(swarm, access_list);
  EXPECT_NE(publisher.pages().current(), nullptr) << "before the first second";
  Figures figures;
  figures.uptime_s = 5;
  SwarmCensus::Ranking ranking;
  publisher.publish(figures, "metrics", &ranking, {});
  const auto pages = publisher.pages().current();
  EXPECT_THAT(pages->json, HasSubstr("\"uptimeSeconds\":5"));
  EXPECT_THAT(pages->event, HasSubstr("\"uptimeSeconds\":5"));
  EXPECT_EQ(pages->metrics, "metrics");
  for (const std::string& text : pages->opentracker) EXPECT_NE(text, "");
  publisher.publish(figures, "", nullptr, History::Time(std::chrono::seconds(1)));
  const auto top = static_cast<std::size_t>(OpentrackerMode::top10);
  EXPECT_EQ(publisher.pages().current()->opentracker[top], "");
}

TEST(StatusPublisher, WritesARangeAgainOnceItHasChanged) {
  swarm::Swarm swarm{{.shard_count = 1}};
  access_list::Holder access_list;
  StatusPublisher publisher(swarm, access_list);
  const auto publish = [&publisher](int second) {
    Figures figures;
    figures.unix_time_s = 1000 + static_cast<std::uint64_t>(second);
    publisher.publish(figures, "", nullptr, History::Time(std::chrono::seconds(second)));
    return publisher.pages().current()->history;
  };
  const auto points_of = [](const std::shared_ptr<const std::string>& text) {
    return text ? nlohmann::json::parse(*text)["points"].get<int>() : 0;
  };
  auto before = publish(0);
  for (int second = 1; second <= 121; ++second) {
    const auto history = publish(second);
    EXPECT_EQ(points_of(history[0]), second);
    EXPECT_EQ(points_of(history[1]), second / 15);
    EXPECT_EQ(points_of(history[2]), second / 120);
    EXPECT_EQ(history[1] == before[1], second % 15 != 0) << second;
    before = history;
  }
}

// A worker on loopback; the test is it, the control loop, and who watches.
class StatusStreamTest : public testing::Test {
 protected:
  static constexpr Seconds kIdle = 60;
  static constexpr Seconds kWrite = 20;

  StatusStreamTest() {
    mailboxes_.push_back(std::make_unique<net::Mailbox>(4096));
    outbox_.emplace(mailboxes_, 0);
    handler_.emplace(StatusHandlerOptions{}, publisher_.source(outbox_->inbox(), true));
    server_.emplace(net::StreamOptions{.limits = {4, 10, kIdle, kWrite, 2}, .proxies = {}},
                    listeners_.sockets, budget_, nullptr, clock_, *handler_, &*outbox_);
    publish();
  }

  void publish() {
    ++figures_.uptime_s;
    publisher_.publish(figures_, "", nullptr, now_ += std::chrono::seconds(1));
  }
  template <class Condition>
  bool serve_until(Condition condition) {
    for (int round = 0; round < 10'000 && !condition(); ++round) server_->serve(milliseconds(1));
    return condition();
  }
  bool serve_until_received(test::TcpPeer& peer, const std::string& text) {
    return serve_until([&] { return peer.received().find(text) != std::string::npos; });
  }
  test::TcpPeer watch(int receive_buffer_bytes = 0) {
    test::TcpPeer peer(listeners_.address, std::nullopt, receive_buffer_bytes);
    peer.send("GET /stats/events HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(serve_until([&] { return publisher_.subscribers().size() > 0; }));
    return peer;
  }

  swarm::Swarm swarm_{{.shard_count = 1}};
  access_list::Holder access_list_;
  StatusPublisher publisher_{swarm_, access_list_};
  Figures figures_;
  History::Time now_{};
  std::vector<std::unique_ptr<net::Mailbox>> mailboxes_;
  std::optional<net::Outbox> outbox_;
  test::ManualClock clock_;
  net::ConnectionBudget budget_{0, 0};
  net::TcpListeners listeners_ =
      net::open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  std::optional<StatusHandler> handler_;
  std::optional<net::StreamServer> server_;
};

TEST_F(StatusStreamTest, WhoWatchesGetsEachSecond) {
  test::TcpPeer peer = watch();
  EXPECT_TRUE(serve_until_received(peer, "\"uptimeSeconds\":1,"));
  publish();
  EXPECT_TRUE(serve_until_received(peer, "\"uptimeSeconds\":2,"));
  publish();
  EXPECT_TRUE(serve_until_received(peer, "\"uptimeSeconds\":3,"));
  peer.close();
  EXPECT_TRUE(serve_until([&] { return publisher_.subscribers().size() == 0; }));
}

TEST_F(StatusStreamTest, WatchingIsNotIdling) {
  test::TcpPeer peer = watch();
  for (int i = 0; i < 3; ++i) {
    peer.take_received();
    clock_.advance(kIdle + 1);
    EXPECT_TRUE(serve_until_received(peer, ": still here")) << i;
  }
  EXPECT_EQ(publisher_.subscribers().size(), 1u);
}

TEST_F(StatusStreamTest, WhoDoesNotReadCostsLittleAndIsClosed) {
  figures_.version = "";
  test::TcpPeer peer = watch(4096);
  // Until the kernel takes no more, and then as long again.
  std::uint64_t sent = 0;
  std::uint64_t since = 0;
  for (int i = 0; i < 200'000 && since < 1000; ++i) {
    publish();
    server_->serve(milliseconds(0));
    since = server_->counters().sent_bytes == sent ? since + 1 : 0;
    sent = server_->counters().sent_bytes;
  }
  ASSERT_EQ(since, 1000u) << "the kernel takes everything";
  clock_.advance(kWrite + 1);
  EXPECT_TRUE(serve_until([&] { return publisher_.subscribers().size() == 0; }));
}

TEST_F(StatusStreamTest, TheLastEventIsFollowedByTheEnd) {
  test::TcpPeer peer = watch();
  server_->drain(std::chrono::seconds(5));
  EXPECT_TRUE(peer.has_seen_end() && !peer.was_reset());
  EXPECT_THAT(peer.received(), testing::EndsWith("\r\n0\r\n\r\n"));
  EXPECT_EQ(publisher_.subscribers().size(), 0u);
}

TEST_F(StatusStreamTest, SubscribersOfAWorkerThatEndsAreGone) {
  test::TcpPeer peer = watch();
  server_.reset();
  EXPECT_EQ(publisher_.subscribers().size(), 0u);
  publish();
}

}  // namespace
}  // namespace aquatic::server
