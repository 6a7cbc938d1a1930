// SPDX-License-Identifier: Apache-2.0
#include "server/web/web_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>

#include "server/http/http_server.h"
#include "server/ws/ws_server.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr std::string_view kAnnounce =
    "GET /announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1&left=1 "
    "HTTP/1.1\r\n\r\n";
constexpr std::string_view kUpgrade =
    "GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

template <class Config>
WebServiceOptions options_of(Config config) {
  config.network.address_ipv4 = "127.0.0.1:0";
  config.network.use_ipv6 = false;
  config.socket_workers = 1;
  return web_service_options(config);
}

// What the peer has received once it ends so, or after ten seconds.
std::string receive_until(test::TcpPeer& peer, std::string_view end) {
  constexpr int kPatienceMs = 10'000;
  while (!peer.received().ends_with(end)) {
    pollfd wait{.fd = peer.fd(), .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, kPatienceMs) <= 0) break;
  }
  return peer.received();
}

class WebServiceTest : public testing::Test {
 protected:
  // The address is the first of what urls() says.
  static Endpoint address_of(const WebService& service) {
    const std::string urls = service.urls();
    const std::size_t begin = urls.find("://") + 3;
    return *Endpoint::parse(urls.substr(begin, urls.find_first_of("/\n", begin) - begin));
  }

  Tracker tracker_{TrackerOptions{}};
  StatusBoard status_{{.address = Endpoint()}, tracker_};
  net::InheritedSockets sockets_;
  const Surroundings surroundings_{tracker_, status_, sockets_};
};

TEST_F(WebServiceTest, TellsWhatItServes) {
  const WebService http(options_of(HttpConfig()), surroundings_);
  EXPECT_THAT(http.urls(), MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/announce\n"));
  const WebService ws(options_of(WsConfig()), surroundings_);
  EXPECT_THAT(ws.urls(), MatchesRegex("ws://127\\.0\\.0\\.1:[0-9]+\n"));
}

TEST_F(WebServiceTest, ServesBothOnOnePortAndCountsThem) {
  WebServiceOptions options = options_of(HttpConfig());
  options.web_torrent = options_of(WsConfig()).web_torrent;
  WebService service(std::move(options), surroundings_);
  process::Workers threads;
  service.start(threads);
  test::TcpPeer http(address_of(service));
  http.send(kAnnounce);
  EXPECT_THAT(receive_until(http, "e"), HasSubstr("200 OK"));
  test::TcpPeer ws(address_of(service));
  ws.send(kUpgrade);
  EXPECT_THAT(receive_until(ws, "\r\n\r\n"), HasSubstr("101 Switching Protocols"));
  threads.stop();

  Figures figures;
  service.collect(figures);
  const auto traffic = [&](Protocol protocol) {
    return *std::ranges::find(figures.traffic, protocol, &TrafficFigures::protocol);
  };
  EXPECT_EQ(at(traffic(Protocol::http).responses, Action::announce), 1u);
  ASSERT_EQ(figures.latencies.size(), 1u) << "of the announce";
  EXPECT_EQ(figures.latencies[0].protocol, Protocol::http);
  ASSERT_FALSE(figures.streams.empty());
  EXPECT_EQ(figures.streams[0].accepted, 2u);
  EXPECT_EQ(tracker_.swarm().totals(Family::ipv4).peers, 1u);
  const std::string report = service.report(std::chrono::steady_clock::now());
  EXPECT_THAT(report, HasSubstr("HTTP IPv4\n"));
  EXPECT_THAT(report, HasSubstr("WebTorrent IPv6\n"));
  EXPECT_THAT(report, HasSubstr("\nconnections\n"));
}

TEST_F(WebServiceTest, PassesOnOptionsThatWereReadAgain) {
  WebService service(options_of(HttpConfig()), surroundings_);
  process::Workers threads;
  service.start(threads);
  HttpConfig fresh;
  fresh.protocol.peer_announce_interval = 77;
  service.set_options(options_of(fresh));
  test::TcpPeer peer(address_of(service));
  peer.send(kAnnounce);
  EXPECT_THAT(receive_until(peer, "5:peers0:e"), HasSubstr("8:intervali77e"));
}

}  // namespace
}  // namespace aquatic::server
