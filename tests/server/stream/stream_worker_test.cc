// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_worker.h"

#include <gtest/gtest.h>

#include "net/tcp_listener.h"
#include "server/http/http_handler.h"
#include "tests/support/manual_clock.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::server {
namespace {

// Asks for the stop as soon as a request has come, as if from another thread.
class StoppingHandler final : public net::StreamHandler {
 public:
  StoppingHandler(HttpHandler& handler, std::stop_source& stop) : handler_(handler), stop_(stop) {}

  void handle(net::StreamTurn& turn) noexcept override {
    handler_.handle(turn);
    stop_.request_stop();
  }

 private:
  HttpHandler& handler_;
  std::stop_source& stop_;
};

TEST(StreamWorker, AnswersWhatHasBegunBeforeItStopsAndSaysWhatItCounted) {
  std::stop_source stop;
  swarm::Swarm swarm(swarm::Options{});
  access_list::Holder access_list;
  HttpMetrics metrics;
  StreamMetrics stream_metrics;
  HttpHandler handler({}, swarm, access_list, 1, metrics);
  StoppingHandler stopping(handler, stop);
  test::ManualClock clock;
  net::ConnectionBudget budget(0, 0);
  net::TcpListeners listeners =
      net::open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  net::StreamServer server({.limits = {9, 9, 9, 9, 9, 9}, .proxies = {}}, listeners.sockets, budget,
                           nullptr, clock, stopping);

  constexpr std::string_view kRequest = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
  test::TcpPeer first(listeners.address);
  test::TcpPeer second(listeners.address);
  first.send(kRequest);
  second.send(kRequest);
  const Snapshot<net::Deadlines::Limits> limits(std::make_shared<net::Deadlines::Limits>());
  run_stream_worker(server, limits, stream_metrics, process::WatchedToken(stop.get_token()));
  EXPECT_TRUE(first.received().ends_with("ok")) << first.received();
  EXPECT_TRUE(second.received().ends_with("ok")) << second.received();
  EXPECT_TRUE(first.has_seen_end() && !first.was_reset());
  EXPECT_EQ(stream_metrics.get(StreamMetric::accepted), 2u);
  EXPECT_EQ(stream_metrics.get(StreamMetric::received_bytes), 2 * kRequest.size());
  EXPECT_GT(stream_metrics.get(StreamMetric::sent_bytes), 0u);
  EXPECT_EQ(stream_metrics.get(StreamMetric::open), 0u);
}

}  // namespace
}  // namespace aquatic::server
