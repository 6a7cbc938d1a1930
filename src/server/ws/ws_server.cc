// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_server.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "server/live_settings.h"
#include "server/operation.h"
#include "server/stream/stream_options.h"

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
          .hash_seed = secret_seed(),
          .surveys_sizes = config.statistics.torrent_peer_histograms};
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

}  // namespace

WebServiceOptions web_service_options(const WsConfig& config) {
  const std::size_t max_input_bytes =
      std::max(config.limits.max_request_bytes, config.network.websocket_max_frame_size);
  return {.streams = stream_service_options(config, "ws",
                                            stream_options(config, config.cleaning.ping_interval,
                                                           max_input_bytes + kReadAheadBytes)),
          .http = http_options(config),
          .web_torrent =
              WebTorrentOptions{.handler = ws_options(config), .swarm = swarm_options(config)},
          .serves_status = config.network.serve_stats};
}

void run_ws_tracker(const WsConfig& config, const config::Source<WsConfig>& source) {
  StatusOptions status = status_options(config);
  status.has_bittorrent_swarm = false;
  Operation operation(options_of_tracker(config), std::move(status));
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

void check_ws_tracker(const WsConfig& config) {
  check_access_list(options_of_tracker(config));
  load_tls_files(web_service_options(config).streams);
}

}  // namespace aquatic::server
