// SPDX-License-Identifier: Apache-2.0
// A tracker on loopback that answers the requests of streams, plain or TLS, right or wrong.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/endpoint.h"
#include "net/tcp_listener.h"
#include "net/tls.h"

namespace aquatic::load_test::test {

class StreamTracker {
 public:
  struct Answer {
    std::string bytes;      // What is sent back at once.
    bool is_last = false;   // The connection ends behind it.
    std::size_t taken = 0;  // Bytes of the input that it belongs to; 0 waits for more.
  };
  // What to answer to what has arrived and is not answered. Called by the tracker's thread.
  using Behaviour = std::function<Answer(std::string_view input, const Endpoint& peer)>;

  explicit StreamTracker(Behaviour behaviour, std::shared_ptr<const net::TlsContext> tls = nullptr,
                         const char* address = "127.0.0.1:0");

  const Endpoint& address() const { return listeners_.address; }
  std::uint64_t connections() const { return connections_; }
  std::uint64_t resumed() const { return resumed_; }

 private:
  void serve(const std::stop_token& stop);

  Behaviour behaviour_;
  std::shared_ptr<const net::TlsContext> tls_;
  net::TcpListeners listeners_;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<std::uint64_t> resumed_ = 0;
  std::jthread thread_;  // Last, so that it ends before what it uses.
};

}  // namespace aquatic::load_test::test
