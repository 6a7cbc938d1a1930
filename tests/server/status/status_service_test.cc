// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "tests/support/tcp_peer.h"

namespace aquatic::server {
namespace {

using testing::EndsWith;
using testing::StartsWith;

// Waits until there is an answer, or forever: then the test runs into its limit.
std::string answer_to(test::TcpPeer& peer, std::string_view request, std::string_view end) {
  peer.send(request);
  while (!peer.received().ends_with(end) && !peer.has_seen_end()) {
    pollfd ready{.fd = peer.fd(), .events = POLLIN, .revents = 0};
    poll(&ready, 1, 1000);
  }
  return peer.take_received();
}

TEST(StatusService, ServesThePagesOnAnAddressOfItsOwn) {
  SteadyClock clock;
  swarm::Swarm swarm{{.shard_count = 1}};
  access_list::Holder access_list;
  StatusPublisher publisher(swarm, access_list);
  publisher.publish({}, "aquatic_peers 1\n", nullptr, {});
  net::InheritedSockets sockets;
  StatusService service(*Endpoint::parse("127.0.0.1:0"), clock, publisher, sockets);
  const std::string url = service.urls();
  EXPECT_THAT(url, StartsWith("http://127.0.0.1:"));
  EXPECT_THAT(url, EndsWith("/metrics\n"));
  const std::size_t begin = std::string_view("http://").size();
  const auto address = Endpoint::parse(url.substr(begin, url.find("/stats") - begin));
  ASSERT_TRUE(address);

  process::Workers threads;
  service.start(threads);
  test::TcpPeer peer(*address);
  EXPECT_THAT(answer_to(peer, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "peers 1\n"),
              StartsWith("HTTP/1.1 200 OK\r\n"));
  test::TcpPeer viewer(*address);
  answer_to(viewer, "GET /stats/events HTTP/1.1\r\nHost: x\r\n\r\n", "\n\n\r\n");
  EXPECT_EQ(publisher.subscribers().size(), 1u);
  threads.stop();
  EXPECT_EQ(publisher.subscribers().size(), 0u);
}

}  // namespace
}  // namespace aquatic::server
