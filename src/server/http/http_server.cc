// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_server.h"

#include <memory>
#include <tuple>

#include "server/live_settings.h"
#include "server/operation.h"
#include "server/stream/stream_options.h"

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

}  // namespace

WebServiceOptions web_service_options(const HttpConfig& config) {
  return {.streams = stream_service_options(
              config, "http",
              stream_options(config, config.cleaning.max_connection_idle,
                             config.limits.max_request_bytes + kReadAheadBytes)),
          .http = handler_options(config)};
}

void run_http_tracker(const HttpConfig& config, const config::Source<HttpConfig>& source) {
  Operation operation(options_of_tracker(config), status_options(config));
  auto& service = operation.add(
      std::make_unique<WebService>(web_service_options(config), operation.surroundings()));
  drop_privileges(config);
  LiveSettings settings(config, source);
  operation.run([&] {
    if (!settings.reload()) return;
    operation.set_options(options_of_tracker(settings.current()),
                          status_options(settings.current()));
    service.set_options(web_service_options(settings.current()));
  });
}

void check_http_tracker(const HttpConfig& config) {
  check_access_list(options_of_tracker(config));
  load_tls_files(web_service_options(config).streams);
}

}  // namespace aquatic::server
