// SPDX-License-Identifier: Apache-2.0
// A stream server on loopback with a handler of lines and a clock that a test moves; the test is
// its worker, and all of its peers.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>

#include "net/connection_budget.h"
#include "net/stream_server.h"
#include "net/tcp_listener.h"
#include "tests/net/line_handler.h"
#include "tests/support/manual_clock.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::net {

class StreamRig {
 public:
  struct Options {
    StreamOptions stream{.limits = {kHandshake, kMessage, kIdle, kWrite, kLinger, kAttended},
                         .proxies = {}};
    std::size_t max_connections = 0;
    std::size_t max_per_ip = 0;
    const Snapshot<TlsContext>* tls = nullptr;
    const char* address = "127.0.0.1:0";
    Outbox* outbox = nullptr;
  };
  static constexpr Seconds kHandshake = 4;
  static constexpr Seconds kMessage = 10;
  static constexpr Seconds kIdle = 60;
  static constexpr Seconds kWrite = 20;
  static constexpr Seconds kLinger = 2;
  static constexpr Seconds kAttended = 30;

  StreamRig() : StreamRig(Options()) {}
  explicit StreamRig(const Options& options);

  // A connection that the server may not have accepted yet.
  test::TcpPeer connect() const { return test::TcpPeer(address); }
  // One that it has.
  test::TcpPeer connect_and_serve();

  // Serves until it holds; false if it does not after very long.
  template <class Condition>
  bool serve_until(Condition condition) {
    for (int round = 0; round < kMaxRounds; ++round) {
      if (condition()) return true;
      server->serve(std::chrono::milliseconds(1));
    }
    return condition();
  }
  // Serves all that has arrived: for tests that look for what should not happen.
  void serve_arrived(const test::TcpPeer& peer);
  // Sends, and serves until as many lines have come back in all. Returns them.
  std::string ask(test::TcpPeer& peer, std::string_view text, std::size_t line_count);
  // Moves the clock and does what is due.
  void pass(Seconds time);

  StreamCounters counters() const { return server->counters(); }
  std::uint64_t timeouts(Wait wait) const {
    return counters().timeouts[static_cast<std::size_t>(wait)];
  }

  test::ManualClock clock;
  LineHandler handler;
  ConnectionBudget budget;
  TcpListeners listeners;
  Endpoint address;
  std::optional<StreamServer> server;

 private:
  static constexpr int kMaxRounds = 10'000;  // Each waits for a millisecond at the most.
};

}  // namespace aquatic::net
