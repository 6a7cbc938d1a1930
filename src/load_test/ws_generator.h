// SPDX-License-Identifier: Apache-2.0
// One worker of the WebTorrent load test: its connections announce, scrape, and answer the offers
// that the tracker relays to them; everything that comes is checked.
//
// In a closed loop each connection has its number of unanswered requests; in an open loop requests
// are due at equal distances. Belongs to its thread but for what Generator says.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "load_test/generator.h"
#include "load_test/offer_ledger.h"
#include "load_test/pace.h"
#include "load_test/relay_check.h"
#include "load_test/tls_client.h"
#include "load_test/torrent_tally.h"
#include "load_test/ws_connection.h"
#include "load_test/ws_load_test_config.h"
#include "load_test/ws_peers.h"
#include "load_test/ws_requests.h"
#include "net/poller.h"
#include "protocol/ws/message_reader.h"
#include "protocol/ws/response.h"

namespace aquatic::load_test {

class WsGenerator final : public Generator {
 public:
  // Throws std::runtime_error. `per_torrent` may be null. Borrows everything; `ledger` has all busy
  // connections of the load test.
  // Requires: a config that validate() accepts, and index < config.num_workers.
  WsGenerator(const WsLoadTestConfig& config, const WsPeers& peers, OfferLedger& ledger,
              std::uint32_t index, TorrentTally* per_torrent);
  WsGenerator(const WsGenerator&) = delete;
  WsGenerator& operator=(const WsGenerator&) = delete;

  void run(const std::stop_token& stop) override;

  const LoadTally& tally() const noexcept override { return tally_; }
  bool is_ready() const noexcept override { return is_ready_.load(std::memory_order_relaxed); }
  std::uint64_t open_connections() const noexcept override {
    return open_.load(std::memory_order_relaxed);
  }

 private:
  void add_connections(std::uint32_t first_number, std::uint32_t count);
  void handle(const epoll_event& event);
  // Goes on with opening; false while there is nothing more to do with the connection.
  bool is_open(WsConnection& connection);
  void begin_upgrade(WsConnection& connection);
  void receive(WsConnection& connection);
  // Reads what has arrived; false if the connection is over.
  bool settle(WsConnection& connection);
  // The same until the tracker has agreed to WebSocket.
  bool settle_upgrade(WsConnection& connection);

  // What the tracker sends; false if the connection is over.
  bool take(WsConnection& connection, const ws::Message& message);
  bool take(WsConnection& connection, const ws::Ping& ping);
  bool take(WsConnection&, const ws::Pong&) { return true; }
  bool take(WsConnection& connection, const ws::Close& close);
  void accept(WsConnection& connection, const ws::AnnounceResponse& response);
  void accept(WsConnection& connection, const ws::ScrapeResponse& response);
  void accept(WsConnection& connection, const ws::RelayedOffer& offer);
  void accept(WsConnection& connection, const ws::RelayedAnswer& answer);
  void accept(WsConnection& connection, const ws::Failure& failure);
  // The request that a response is for, if that is right.
  template <class Response>
  std::optional<WsSentRequest> request_of(WsConnection& connection, const Response& response);
  void count_due_offers(const WsConnection& connection, const WsSentRequest& request,
                        const ws::AnnounceResponse& response);

  void end(WsConnection& connection);

  // Connections that may be used by now.
  void create_connections(std::uint64_t now_ns);
  // What needs no event: timeouts, and trying again after failures.
  void look_after(std::uint64_t now_ns);
  void look_after(WsConnection& connection, std::uint64_t now_ns);
  // Opens a closed connection; lets one announce and scrape what it may without a pace.
  void refill(WsConnection& connection, std::uint64_t now_ns);
  void send_paced(std::uint64_t now_ns);
  void ask(WsConnection& connection, std::uint64_t due_ns);
  void flush(WsConnection& connection);
  bool open(WsConnection& connection, std::uint64_t now_ns);
  int wait_ms(std::uint64_t now_ns) const noexcept;

  void count(LoadCount what, std::uint64_t n = 1) noexcept { tally_.counts.add(what, n); }
  void count(Fault fault) noexcept { tally_.faults.add(fault); }

  const WsLoadTestConfig& config_;
  const WsPeers& peers_;
  TorrentTally* per_torrent_;
  std::uint64_t timeout_ns_;
  std::string host_;
  WsRequests requests_;
  RelayCheck relays_;
  ws::MessageReader reader_;
  ws::ResponseDecoder decoder_;
  TlsClient tls_;
  net::Poller poller_;
  std::vector<WsConnection> connections_;  // Those that announce all the time first.
  std::size_t created_ = 0;                // How many of them may be used, the last ones first.
  std::size_t opening_ = 0;                // How many are on their way to messages.
  std::uint64_t next_creation_ns_ = 0;
  std::uint64_t next_look_ns_ = 0;
  std::size_t next_looked_at_ = 0;
  std::optional<Pace> pace_;  // In an open loop, once all connections may be used.
  std::size_t next_connection_ = 0;
  std::vector<std::byte> room_;  // What arrives, for any connection.
  LoadTally tally_;
  std::atomic<std::uint64_t> open_ = 0;
  std::atomic<bool> is_ready_ = false;  // All were open at the same time.
};

}  // namespace aquatic::load_test
