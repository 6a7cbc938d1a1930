// SPDX-License-Identifier: Apache-2.0
// The handler of the metrics address: the status pages and nothing else. `/` leads to the page.
//
// It does no I/O, reads no clock, logs nothing and throws nothing. Each worker owns one.
#pragma once
#include <cstddef>
#include <cstdint>

#include "net/stream_handler.h"
#include "protocol/http/request_head.h"
#include "server/status/status_responder.h"

namespace aquatic::server {

struct StatusHandlerOptions {
  http::HeadLimits head = {};
  std::size_t max_output_bytes = 64 * 1024;  // Unsent; then further requests have to wait.
};

class StatusHandler final : public net::StreamHandler {
 public:
  StatusHandler(const StatusHandlerOptions& options, const StatusSource& source)
      : options_(options), responder_(source, true) {}

  void handle(net::StreamTurn& turn) noexcept override;
  void forget(std::uint64_t memo) noexcept override;

 private:
  // Answers the requests that have arrived, in their order.
  void handle_requests(net::StreamTurn& turn) noexcept;
  // Answers the one whose head is in `head_`.
  void handle_request(net::StreamTurn& turn) noexcept;
  void refuse_request(net::StreamTurn& turn, http::StatusCode status) noexcept;

  const StatusHandlerOptions options_;
  StatusResponder responder_;
  http::RequestHead head_;  // Of the request at hand.
};

}  // namespace aquatic::server
