// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_server.h"

#include <array>
#include <chrono>
#include <memory>
#include <tuple>
#include <vector>

#include "base/log.h"
#include "process/control_loop.h"
#include "process/entry.h"
#include "server/http/http_handler.h"
#include "server/http/http_statistics.h"
#include "server/stream/stream_options.h"
#include "server/stream/stream_service.h"
#include "server/tracker.h"

namespace aquatic::server {
namespace {

TrackerOptions options_of_tracker(const HttpConfig& config) {
  TrackerOptions options = tracker_options(config);
  options.swarm.keeps_peer_ids = config.protocol.keep_peer_ids;
  return options;
}

HttpHandlerOptions handler_options(const HttpConfig& config) {
  const auto& [network, limits, protocol] =
      std::tie(config.network, config.limits, config.protocol);
  return {
      .head = {.max_bytes = limits.max_request_bytes, .max_headers = limits.max_request_headers},
      .max_output_bytes = limits.max_output_bytes,
      .keeps_alive = network.keep_alive,
      .is_behind_proxy = network.runs_behind_reverse_proxy,
      .proxy_header_name = network.reverse_proxy_ip_header_name,
      .proxy_header_format = forwarded_format(network.reverse_proxy_ip_header_format),
      .trusted_proxies = network.trusted_proxies,
      .announce_interval_s = protocol.peer_announce_interval,
      .min_announce_interval_s = protocol.min_announce_interval,
      .max_peers = protocol.max_peers,
      .max_scrape_torrents = protocol.max_scrape_torrents,
      .allows_ip_parameters = protocol.allow_ip_parameters,
      .allows_full_scrape = protocol.allow_full_scrape,
      .keeps_peer_ids = protocol.keep_peer_ids};
}

// Room for requests that come in behind the one that is still incomplete.
constexpr std::size_t kReadAheadBytes = 16 * 1024;

StreamServiceOptions service_options(const HttpConfig& config) {
  return stream_service_options(config, "http",
                                stream_options(config, config.cleaning.max_connection_idle,
                                               config.limits.max_request_bytes + kReadAheadBytes));
}

// One tracker, from open sockets to the last response.
class HttpServer {
 public:
  // Opens files and sockets, then drops privileges.
  explicit HttpServer(const HttpConfig& config);
  // Starts the workers, prints the URLs and works until told to stop.
  void run();

 private:
  void tick();
  void reload();
  void print_statistics();

  const HttpConfig& config_;
  process::Signals signals_;
  Tracker tracker_;
  StreamService streams_;
  std::vector<std::unique_ptr<HttpMetrics>> metrics_;  // By worker.
  HttpStatistics statistics_{std::chrono::steady_clock::now()};
  process::Workers threads_;  // Last, so that they end before what they use.
};

HttpServer::HttpServer(const HttpConfig& config)
    : config_(config), tracker_(options_of_tracker(config)), streams_(service_options(config)) {
  for (std::size_t i = 0; i < streams_.worker_count(); ++i) {
    metrics_.push_back(std::make_unique<HttpMetrics>());
  }
  drop_privileges(config);
}

void HttpServer::run() {
  streams_.start(threads_, tracker_.clock(), [this](net::Outbox& outbox) {
    return std::make_unique<HttpHandler>(handler_options(config_), tracker_.swarm(),
                                         tracker_.access_list(), secret_seed(),
                                         *metrics_[outbox.own_number()]);
  });
  process::print(streams_.urls("http", "/announce"));
  log::info("serving with {} workers", streams_.worker_count());
  process::run_control_loop(signals_, threads_,
                            {.on_tick = [this] { tick(); }, .on_reload = [this] { reload(); }});
  signals_.let_stop_signals_kill();
  threads_.stop();
  log::info("stopped");
}

void HttpServer::tick() {
  tracker_.tick();
  streams_.tick();
  if (tracker_.is_report_due()) print_statistics();
}

// Either may be bad while the other is good.
void HttpServer::reload() {
  tracker_.try_reload_access_list();
  streams_.reload_tls();
}

void HttpServer::print_statistics() {
  std::vector<const HttpMetrics*> metrics;
  for (const auto& worker : metrics_) metrics.push_back(worker.get());
  // Whoever comes over IPv4 may be, or speak for, a peer of IPv6, and the other way round.
  const std::array<FamilyTotals, 2> families = {
      FamilyTotals{Family::ipv4, tracker_.swarm().totals(Family::ipv4)},
      FamilyTotals{Family::ipv6, tracker_.swarm().totals(Family::ipv6)}};
  process::print(statistics_.report(metrics, streams_.sums(), families,
                                    tracker_.access_list().current()->size(),
                                    std::chrono::steady_clock::now()));
}

}  // namespace

void run_http_tracker(const HttpConfig& config) { HttpServer(config).run(); }

void check_http_tracker(const HttpConfig& config) {
  check_access_list(options_of_tracker(config));
  load_tls_files(service_options(config));
}

}  // namespace aquatic::server
