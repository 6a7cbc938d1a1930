// SPDX-License-Identifier: Apache-2.0
#include "server/run/run_server.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "server/http/http_server.h"
#include "server/live_settings.h"
#include "server/operation.h"
#include "server/udp/udp_service.h"
#include "server/web/web_service.h"
#include "server/ws/ws_server.h"

namespace aquatic::server {
namespace {

// UDP and WebTorrent peers have ids as well, but only HTTP gives them to others.
TrackerOptions options_of_tracker(const RunConfig& config) {
  TrackerOptions options = tracker_options(config);
  options.swarm.keeps_peer_ids = config.http.enable && config.http.keep_peer_ids;
  return options;
}

StatusOptions options_of_status(const RunConfig& config) {
  StatusOptions options = status_options(config);
  options.has_bittorrent_swarm = config.udp.enable || config.http.enable;
  return options;
}

// HTTP and WebTorrent on one port, where both are served. Nothing where neither is.
std::optional<WebServiceOptions> web_options(const RunConfig& config) {
  if (!has_tcp(config)) return std::nullopt;
  WebServiceOptions ws = web_service_options(ws_config(config));
  WebServiceOptions options = config.http.enable ? web_service_options(http_config(config)) : ws;
  options.streams.worker_name = "web";
  options.streams.streams.also_plain = !config.network.require_tls;
  options.serves_status = config.network.serve_stats;
  options.serves_metrics = config.network.serve_stats;
  if (config.ws.enable) {
    options.web_torrent = ws.web_torrent;
    auto& streams = options.streams.streams;
    // Connections are asked whether they are there once they are WebSocket, and left alone before.
    const auto attended = static_cast<std::size_t>(net::Wait::attended);
    streams.limits[attended] = ws.streams.streams.limits[attended];
    streams.max_input_bytes = std::max(streams.max_input_bytes, ws.streams.streams.max_input_bytes);
  }
  return options;
}

// Where any port will do, UDP takes a free one first, which need not be free for TCP.
constexpr int kPortAttempts = 16;

bool wants_any_port(const RunConfig& config) {
  return std::ranges::any_of(addresses_of(config),
                             [](const Endpoint& address) { return address.port == 0; });
}

// What is there depends on which protocols are enabled.
struct Services {
  UdpService* udp = nullptr;
  WebService* web = nullptr;
};

Services add_services(const RunConfig& config, Operation& operation) {
  std::unique_ptr<UdpService> udp;
  std::unique_ptr<WebService> web;
  std::optional<WebServiceOptions> options = web_options(config);
  if (config.udp.enable) {
    udp = std::make_unique<UdpService>(udp_config(config), operation.surroundings());
    if (options) options->streams.addresses = udp->addresses();
  }
  if (options) {
    web = std::make_unique<WebService>(*options, operation.surroundings());
  }
  Services services;
  if (udp) services.udp = &operation.add(std::move(udp));
  if (web) services.web = &operation.add(std::move(web));
  return services;
}

Services try_to_add_services(const RunConfig& config, Operation& operation) {
  for (int attempt = 1;; ++attempt) {
    try {
      return add_services(config, operation);
    } catch (const std::exception&) {
      if (!wants_any_port(config) || attempt == kPortAttempts) throw;
    }
  }
}

}  // namespace

void run_whole_tracker(const RunConfig& config, const config::Source<RunConfig>& source) {
  Operation operation(options_of_tracker(config), options_of_status(config));
  const Services services = try_to_add_services(config, operation);
  drop_privileges(config);
  LiveSettings settings(config, source);
  operation.run([&] {
    if (!settings.reload()) return;
    const RunConfig& fresh = settings.current();
    operation.set_options(options_of_tracker(fresh), options_of_status(fresh));
    if (services.udp != nullptr) services.udp->set_options(udp_config(fresh));
    if (services.web != nullptr) services.web->set_options(*web_options(fresh));
  });
}

void check_whole_tracker(const RunConfig& config) {
  check_access_list(options_of_tracker(config));
  if (const auto options = web_options(config)) load_tls_files(options->streams);
}

}  // namespace aquatic::server
