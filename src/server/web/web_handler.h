// SPDX-License-Identifier: Apache-2.0
// What a worker calls: the HttpHandler, kept up to date with the settings, and timed.
//
// Belongs to one worker.
#pragma once
#include <cstdint>
#include <memory>

#include "base/snapshot.h"
#include "net/stream_handler.h"
#include "server/http/http_handler.h"
#include "server/http/http_metrics.h"
#include "server/status/latency_meter.h"
#include "server/ws/ws_metrics.h"
#include "server/ws/ws_options.h"

namespace aquatic::server {

// What may change while the tracker runs.
struct WebHandlerOptions {
  HttpHandlerOptions http;
  WsHandlerOptions ws;
};

class WebHandler final : public net::StreamHandler {
 public:
  // `options`, and the metrics, which are those that `handler` counts in, have to outlive it.
  WebHandler(std::unique_ptr<HttpHandler> handler, const Snapshot<WebHandlerOptions>& options,
             HttpMetrics& http, WsMetrics& ws, Timing timing);

  void handle(net::StreamTurn& turn) noexcept override;
  void forget(std::uint64_t memo) noexcept override { handler_->forget(memo); }

 private:
  void adopt_options() noexcept;

  const std::unique_ptr<HttpHandler> handler_;
  SnapshotReader<WebHandlerOptions> options_;
  HttpMetrics& http_;
  WsMetrics& ws_;
  const Timing timing_;
};

}  // namespace aquatic::server
