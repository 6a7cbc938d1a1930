// SPDX-License-Identifier: Apache-2.0
#include "server/web/web_handler.h"

#include <utility>

#include "base/monotonic_clock.h"
#include "server/http/http_figures.h"
#include "server/ws/ws_figures.h"

namespace aquatic::server {

WebHandler::WebHandler(std::unique_ptr<HttpHandler> handler,
                       const Snapshot<WebHandlerOptions>& options, HttpMetrics& http, WsMetrics& ws,
                       Timing timing)
    : handler_(std::move(handler)), options_(options), http_(http), ws_(ws), timing_(timing) {}

void WebHandler::adopt_options() noexcept {
  const WebHandlerOptions* const options = options_.take_fresh();
  if (options == nullptr) return;
  handler_->set_options(options->http);
  handler_->set_options(options->ws);
}

void WebHandler::handle(net::StreamTurn& turn) noexcept {
  adopt_options();
  if (timing_ == Timing::off) return handler_->handle(turn);
  const ActionCounts http_before = responses_of(http_);
  const ActionCounts ws_before = responses_of(ws_);
  const std::uint64_t since_ns = monotonic_ns();
  handler_->handle(turn);
  const std::uint64_t ns = monotonic_ns() - since_ns;
  http_.latency.record(http_before, responses_of(http_), ns);
  ws_.latency.record(ws_before, responses_of(ws_), ns);
}

}  // namespace aquatic::server
