// SPDX-License-Identifier: Apache-2.0
// One worker of the HTTP load test: an epoll loop over its connections.
//
// Each connection speaks for a share of the simulated peers. In a closed loop it keeps a number of
// requests outstanding, in an open loop requests leave when they are due, by whichever connection
// has room. A connection is opened by its first request, and again after it was closed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/bytes.h"
#include "load_test/generator.h"
#include "load_test/http_connection.h"
#include "load_test/http_load_test_config.h"
#include "load_test/http_requests.h"
#include "load_test/load_tally.h"
#include "load_test/pace.h"
#include "load_test/population.h"
#include "load_test/torrent_tally.h"
#include "net/poller.h"

namespace aquatic::load_test {

class HttpGenerator final : public Generator {
 public:
  // Throws std::runtime_error. `per_torrent` may be null. Borrows everything.
  // Requires: a config that validate() accepts, and index < config.num_workers.
  HttpGenerator(const HttpLoadTestConfig& config, const Population& population, std::uint32_t index,
                TorrentTally* per_torrent);
  HttpGenerator(const HttpGenerator&) = delete;
  HttpGenerator& operator=(const HttpGenerator&) = delete;

  void run(const std::stop_token& stop) override;

  const LoadTally& tally() const noexcept override { return tally_; }

 private:
  enum class Ending : std::uint8_t {
    expected,  // The stream has done what it was for.
    broken,    // It has not.
  };

  void handle(const epoll_event& event);
  // Goes on with opening; false while there is nothing more to do with the connection.
  bool is_open(HttpConnection& connection);
  void note_open(HttpConnection& connection);
  void receive(HttpConnection& connection);
  // Reads the responses that have arrived; false if the stream is over.
  bool settle(HttpConnection& connection, bool has_ended);
  void accept(HttpConnection& connection, const HttpSentRequest& request,
              const HttpResponse& response);
  void count_response(const HttpSentRequest& request, const http::Response& response);
  void end(HttpConnection& connection, Ending ending);

  // Connections that may be used by now.
  void create_connections(std::uint64_t now_ns);
  // What needs no event: timeouts, and trying again after failures.
  void look_after(std::uint64_t now_ns);
  // In a closed loop: as many requests as the connection may have.
  void refill(HttpConnection& connection, std::uint64_t now_ns);
  void send_paced(std::uint64_t now_ns);
  bool can_take(const HttpConnection& connection, std::uint64_t now_ns) const noexcept;
  void ask(HttpConnection& connection, std::uint64_t due_ns);
  // Sends what was asked, and opens the stream if it is closed.
  void flush(HttpConnection& connection);
  bool open(HttpConnection& connection);
  int wait_ms(std::uint64_t now_ns) const noexcept;

  void count(LoadCount what, std::uint64_t n = 1) noexcept { tally_.counts.add(what, n); }
  void count(Fault fault) noexcept { tally_.faults.add(fault); }

  const HttpLoadTestConfig& config_;
  const Population& population_;
  TorrentTally* per_torrent_;
  std::uint64_t timeout_ns_;
  std::uint32_t peer_stride_;  // From a peer of a connection to the next one.
  HttpRequests requests_;
  TlsClient tls_;
  net::Poller poller_;
  std::vector<HttpConnection> connections_;
  std::size_t created_ = 0;  // How many of them may be used.
  std::uint64_t next_creation_ns_ = 0;
  std::uint64_t next_look_ns_ = 0;
  std::optional<Pace> pace_;  // In an open loop, once all connections may be used.
  std::size_t next_connection_ = 0;
  std::uint64_t responses_checked_ = 0;
  std::vector<std::byte> room_;  // What arrives, for any connection.
  LoadTally tally_;
};

}  // namespace aquatic::load_test
