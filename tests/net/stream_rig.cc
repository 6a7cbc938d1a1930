// SPDX-License-Identifier: Apache-2.0
#include "tests/net/stream_rig.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace aquatic::net {

StreamRig::StreamRig(const Options& options)
    : budget(options.max_connections, options.max_per_ip),
      listeners(open_tcp_listeners({.address = *Endpoint::parse(options.address)})),
      address(listeners.address) {
  server.emplace(options.stream, listeners.sockets, budget, options.tls, clock, handler,
                 options.outbox);
}

test::TcpPeer StreamRig::connect_and_serve() {
  const std::uint64_t before = counters().accepted;
  test::TcpPeer peer = connect();
  EXPECT_TRUE(serve_until([&] { return counters().accepted > before; }));
  return peer;
}

void StreamRig::serve_arrived(const test::TcpPeer& peer) {
  constexpr int kRounds = 20;  // More than it takes to see all of it.
  EXPECT_TRUE(serve_until([&] { return peer.is_delivered(); }));
  for (int i = 0; i < kRounds; ++i) server->serve(std::chrono::milliseconds(0));
}

std::string StreamRig::ask(test::TcpPeer& peer, std::string_view text, std::size_t line_count) {
  if (!text.empty()) peer.send(text);
  EXPECT_TRUE(serve_until([&] {
    const std::string& lines = peer.received();
    return std::count(lines.begin(), lines.end(), '\n') >= static_cast<std::ptrdiff_t>(line_count);
  })) << "received: "
      << peer.received().substr(0, 1'000);
  return peer.take_received();
}

void StreamRig::pass(Seconds time) {
  clock.advance(time);
  server->serve(std::chrono::milliseconds(0));
}

}  // namespace aquatic::net
