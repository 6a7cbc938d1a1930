// SPDX-License-Identifier: Apache-2.0
// Measures how long another handler takes.
//
// Belongs to one worker.
#pragma once
#include <cstdint>
#include <memory>
#include <utility>

#include "base/monotonic_clock.h"
#include "net/stream_handler.h"
#include "server/http/http_figures.h"
#include "server/ws/ws_figures.h"

namespace aquatic::server {

class TimedHandler final : public net::StreamHandler {
 public:
  // `http` and `ws` are what `handler` counts in, and outlive it.
  TimedHandler(std::unique_ptr<net::StreamHandler> handler, HttpMetrics& http,
               WsMetrics& ws) noexcept
      : handler_(std::move(handler)), http_(http), ws_(ws) {}

  void handle(net::StreamTurn& turn) noexcept override {
    const ActionCounts http_before = responses_of(http_);
    const ActionCounts ws_before = responses_of(ws_);
    const std::uint64_t since_ns = monotonic_ns();
    handler_->handle(turn);
    const std::uint64_t ns = monotonic_ns() - since_ns;
    http_.latency.record(http_before, responses_of(http_), ns);
    ws_.latency.record(ws_before, responses_of(ws_), ns);
  }

  void forget(std::uint64_t memo) noexcept override { handler_->forget(memo); }

 private:
  const std::unique_ptr<net::StreamHandler> handler_;
  HttpMetrics& http_;
  WsMetrics& ws_;
};

}  // namespace aquatic::server
