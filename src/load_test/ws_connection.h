// SPDX-License-Identifier: Apache-2.0
// One connection of the WebTorrent load test: a peer of the tracker, over and over again.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "load_test/client_connection.h"
#include "load_test/request_queue.h"
#include "load_test/ws_requests.h"
#include "protocol/ws/message_reader.h"

namespace aquatic::load_test {

class WsConnection : public ClientConnection {
 public:
  // Requires: room for at least one request.
  WsConnection(std::uint32_t own_number, std::size_t max_outstanding)
      : number(own_number), sent(max_outstanding) {}

  std::uint32_t number;  // In the whole load test; see WsPeers.
  WsHistory history;

  std::uint64_t opened_ns = 0;        // When it last began to connect.
  bool is_upgraded = false;           // Messages may be sent.
  bool has_announced = false;         // Since then.
  std::array<std::byte, 16> nonce{};  // Of the upgrade.
  ws::PartialMessage partial;

  // Answers to offers have no response, and are not among them.
  RequestQueue<WsSentRequest> sent;

  // Forgets the requests, too.
  void close() noexcept {
    ClientConnection::close();
    is_upgraded = has_announced = false;
    partial = {};
    sent.clear();
  }
};

}  // namespace aquatic::load_test
