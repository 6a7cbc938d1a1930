// SPDX-License-Identifier: Apache-2.0
// The part of a tracker that serves TCP: HTTP, WebTorrent over WebSocket, or both on one port, each
// with TLS or without.
//
// Control plane.
#pragma once
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/snapshot.h"
#include "net/outbox.h"
#include "net/stream_handler.h"
#include "server/http/http_metrics.h"
#include "server/http/http_options.h"
#include "server/http/http_statistics.h"
#include "server/service.h"
#include "server/status/status_board.h"
#include "server/stream/stream_service.h"
#include "server/stream/stream_statistics.h"
#include "server/surroundings.h"
#include "server/tracker.h"
#include "server/web/web_handler.h"
#include "server/ws/ws_metrics.h"
#include "server/ws/ws_options.h"
#include "server/ws/ws_statistics.h"
#include "swarm/offers/offer_swarm.h"

namespace aquatic::server {

// What makes a service one for WebTorrent.
struct WebTorrentOptions {
  WsHandlerOptions handler;
  offers::Options swarm;
};

struct WebServiceOptions {
  StreamServiceOptions streams;
  HttpHandlerOptions http;  // Without announces where HTTP is not served.
  std::optional<WebTorrentOptions> web_torrent = {};
  bool serves_status = false;   // The pages /stats and those below it,
  bool serves_metrics = false;  // and /metrics.
};

class WebService final : public Service {
 public:
  // Opens files and sockets. Throws std::runtime_error if one cannot be.
  WebService(WebServiceOptions options, const Surroundings& surroundings);

  // Settings that were read again: those of the handlers and of connections.
  void set_options(const WebServiceOptions& options);

  void start(process::Workers& threads) override;
  std::string urls() const override;
  void tick() override;
  void reload_files() override;
  void collect(Figures& figures) const override;
  std::string report(std::chrono::steady_clock::time_point now) override;

 private:
  // What a worker counts, and whom it sees.
  struct Metrics {
    HttpMetrics http;
    WsMetrics ws;
    ClientSampler* http_clients = nullptr;
    ClientSampler* ws_clients = nullptr;
  };

  std::unique_ptr<net::StreamHandler> make_handler(net::Outbox& outbox);

  const WebServiceOptions options_;
  Snapshot<WebHandlerOptions> handler_options_;
  Tracker& tracker_;
  StatusBoard& status_;
  std::optional<offers::OfferSwarm> offers_;
  StreamService streams_;
  std::vector<std::unique_ptr<Metrics>> metrics_;  // By worker.
  HttpStatistics http_statistics_{std::chrono::steady_clock::now()};
  WsStatistics ws_statistics_{std::chrono::steady_clock::now()};
  StreamStatistics stream_statistics_{std::chrono::steady_clock::now()};
};

}  // namespace aquatic::server
