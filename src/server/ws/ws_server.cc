// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_server.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "base/log.h"
#include "process/control_loop.h"
#include "process/entry.h"
#include "server/http/http_handler.h"
#include "server/stream/stream_options.h"
#include "server/stream/stream_service.h"
#include "server/tracker.h"
#include "server/ws/ws_handler.h"
#include "server/ws/ws_statistics.h"
#include "server/ws/ws_status.h"
#include "swarm/offers/offer_swarm.h"

namespace aquatic::server {
namespace {

// Room for what comes in behind a frame that is still incomplete, the frame's header included.
constexpr std::size_t kReadAheadBytes = 4096;

// Torrents of HTTP and UDP are not served here: the swarm that a tracker has for them stays empty,
// so let it be small.
constexpr std::uint32_t kUnusedShards = 1;

TrackerOptions options_of_tracker(const WsConfig& config) {
  TrackerOptions options = tracker_options(config);
  options.swarm.shard_count = kUnusedShards;
  return options;
}

offers::Options swarm_options(const WsConfig& config) {
  const auto& cleaning = config.cleaning;
  return {.max_peer_age_s = cleaning.max_peer_age,
          .max_offer_age_s = cleaning.max_offer_age,
          .expire_interval_s = static_cast<Seconds>(cleaning.torrent_cleaning_interval),
          .hash_seed = secret_seed()};
}

HttpHandlerOptions http_options(const WsConfig& config) {
  const auto& [network, limits] = std::tie(config.network, config.limits);
  return {
      .head = {.max_bytes = limits.max_request_bytes, .max_headers = limits.max_request_headers},
      .max_output_bytes = limits.max_output_bytes,
      .serves_announces = false,
      .is_behind_proxy = network.runs_behind_reverse_proxy,
      .proxy_header_name = network.reverse_proxy_ip_header_name,
      .proxy_header_format = forwarded_format(network.reverse_proxy_ip_header_format),
      .trusted_proxies = network.trusted_proxies};
}

WsHandlerOptions ws_options(const WsConfig& config) {
  const auto& [network, limits, protocol] =
      std::tie(config.network, config.limits, config.protocol);
  return {.messages = {.max_frame_bytes = network.websocket_max_frame_size,
                       .max_message_bytes = network.websocket_max_message_size},
          .requests = {.max_offers = protocol.max_offers,
                       .max_scrape_torrents = protocol.max_scrape_torrents,
                       .max_sdp_bytes = limits.max_sdp_bytes},
          .max_output_bytes = limits.max_output_bytes,
          .max_torrents_per_connection = limits.max_torrents_per_connection,
          .max_bad_messages = limits.max_bad_messages,
          .max_connection_idle_s = config.cleaning.max_connection_idle,
          .allowed_origins = network.allowed_origins.items,
          .denied_origins = network.denied_origins.items,
          .announce_interval_s = protocol.peer_announce_interval,
          .min_announce_interval_s =
              std::min(protocol.min_announce_interval, protocol.peer_announce_interval),
          .joins_families = protocol.join_families,
          .allows_full_scrape = protocol.allow_full_scrape};
}

StreamServiceOptions service_options(const WsConfig& config) {
  const std::size_t max_input_bytes =
      std::max(config.limits.max_request_bytes, config.network.websocket_max_frame_size);
  return stream_service_options(
      config, "ws",
      stream_options(config, config.cleaning.ping_interval, max_input_bytes + kReadAheadBytes));
}

// One tracker, from open sockets to the last response.
class WsServer {
 public:
  // Opens files and sockets, then drops privileges.
  explicit WsServer(const WsConfig& config);
  // Starts the workers, prints the URLs and works until told to stop.
  void run();

 private:
  // What a worker counts.
  struct Metrics {
    WsMetrics ws;
    HttpMetrics http;
  };

  std::unique_ptr<net::StreamHandler> make_handler(net::Outbox& outbox);
  void tick();
  void reload();
  void print_statistics();
  std::array<offers::Totals, 2> totals() const {
    return {swarm_.totals(Family::ipv4), swarm_.totals(Family::ipv6)};
  }

  const WsConfig& config_;
  process::Signals signals_;
  Tracker tracker_;
  offers::OfferSwarm swarm_;
  StreamService streams_;
  std::vector<std::unique_ptr<Metrics>> metrics_;  // By worker.
  WsStatistics statistics_{std::chrono::steady_clock::now()};
  Snapshot<StatusPages> status_{std::make_shared<StatusPages>(make_ws_status({}))};
  process::Workers threads_;  // Last, so that they end before what they use.
};

WsServer::WsServer(const WsConfig& config)
    : config_(config),
      tracker_(options_of_tracker(config)),
      swarm_(swarm_options(config)),
      streams_(service_options(config)) {
  for (std::size_t i = 0; i < streams_.worker_count(); ++i) {
    metrics_.push_back(std::make_unique<Metrics>());
  }
  drop_privileges(config);
}

void WsServer::run() {
  streams_.start(threads_, tracker_.clock(),
                 [this](net::Outbox& outbox) { return make_handler(outbox); });
  process::print(streams_.urls("ws", ""));
  log::info("serving with {} workers", streams_.worker_count());
  process::run_control_loop(signals_, threads_,
                            {.on_tick = [this] { tick(); }, .on_reload = [this] { reload(); }});
  signals_.let_stop_signals_kill();
  threads_.stop();
  log::info("stopped");
}

std::unique_ptr<net::StreamHandler> WsServer::make_handler(net::Outbox& outbox) {
  Metrics& metrics = *metrics_[outbox.own_number()];
  auto upgrades = std::make_unique<WsHandler>(ws_options(config_), swarm_, tracker_.access_list(),
                                              outbox, secret_seed(), metrics.ws);
  return std::make_unique<HttpHandler>(
      http_options(config_), tracker_.swarm(), tracker_.access_list(), secret_seed(), metrics.http,
      HttpHandler::Others{.upgrades = std::move(upgrades),
                          .status = config_.network.serve_stats ? &status_ : nullptr});
}

void WsServer::tick() {
  tracker_.tick();
  streams_.tick();
  const auto list = tracker_.access_list().current();
  swarm_.expire_some(tracker_.clock().now(),
                     [&](const InfoHash& info_hash) { return list->allows(info_hash); });
  if (config_.network.serve_stats) {
    status_.replace(std::make_shared<StatusPages>(make_ws_status(totals())));
  }
  if (tracker_.is_report_due()) print_statistics();
}

void WsServer::reload() {
  tracker_.try_reload_access_list();
  streams_.reload_tls();
}

void WsServer::print_statistics() {
  std::vector<const WsMetrics*> metrics;
  for (const auto& worker : metrics_) metrics.push_back(&worker->ws);
  const auto [v4, v6] = totals();
  const std::array<FamilyTotals, 2> families = {
      FamilyTotals{Family::ipv4, {v4.torrents, v4.peers}},
      FamilyTotals{Family::ipv6, {v6.torrents, v6.peers}}};
  process::print(statistics_.report(metrics, streams_.sums(), families,
                                    tracker_.access_list().current()->size(),
                                    std::chrono::steady_clock::now()));
}

}  // namespace

void run_ws_tracker(const WsConfig& config) { WsServer(config).run(); }

void check_ws_tracker(const WsConfig& config) {
  check_access_list(options_of_tracker(config));
  load_tls_files(service_options(config));
}

}  // namespace aquatic::server
