// SPDX-License-Identifier: Apache-2.0
// One connection of the HTTP load test: its peers and the requests that have no response yet.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endpoint.h"
#include "load_test/client_connection.h"
#include "load_test/http_requests.h"
#include "load_test/request_queue.h"

namespace aquatic::load_test {

class HttpConnection : public ClientConnection {
 public:
  // Requires: room for at least one request.
  explicit HttpConnection(std::size_t max_outstanding) : sent(max_outstanding) {}

  IpAddress self;  // As the tracker sees it, once it is open.
  // Positions in the population.
  std::uint32_t first_peer = 0;
  std::uint32_t next_peer = 0;

  // What the requests look like is appended to `output`.
  RequestQueue<HttpSentRequest> sent;

  // Forgets the requests, too.
  void close() noexcept {
    ClientConnection::close();
    sent.clear();
  }
};

}  // namespace aquatic::load_test
