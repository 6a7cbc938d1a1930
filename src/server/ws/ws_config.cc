// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_config.h"

#include <array>

namespace aquatic::server {

std::vector<std::string> validate(const WsConfig& config) {
  refuse_contradictions(config);
  refuse_stream_contradictions(config);
  const auto& network = config.network;
  refuse_if(network.websocket_max_frame_size > network.websocket_max_message_size,
            "network.websocket_max_frame_size is above network.websocket_max_message_size: no "
            "message has such a frame");
  refuse_if(config.limits.max_sdp_bytes > network.websocket_max_message_size,
            "limits.max_sdp_bytes is above network.websocket_max_message_size: no message has room "
            "for so much");
  Notes notes;
  notes.add_if_peers_go_too_soon(config);
  add_stream_notes(config, "ws", notes);
  notes.add(config.cleaning.max_connection_idle < config.protocol.peer_announce_interval,
            "cleaning.max_connection_idle is below protocol.peer_announce_interval: peers are "
            "disconnected before they announce again");
  return notes.take();
}

std::span<const std::string_view> fixed_settings(const WsConfig&) {
  static constexpr std::array<std::string_view, 30> kFixed = {"metrics.name_torrents",
                                                              "socket_workers",
                                                              "privileges",
                                                              "cleaning.torrent_cleaning_interval",
                                                              "cleaning.max_peer_age",
                                                              "cleaning.max_offer_age",
                                                              "network.use_ipv4",
                                                              "network.use_ipv6",
                                                              "network.address_ipv4",
                                                              "network.address_ipv6",
                                                              "network.set_only_ipv6",
                                                              "network.tcp_backlog",
                                                              "network.enable_tls",
                                                              "network.proxy_protocol",
                                                              "network.websocket_max_message_size",
                                                              "network.websocket_max_frame_size",
                                                              "network.serve_stats",
                                                              "limits.max_output_bytes",
                                                              "limits.max_request_bytes",
                                                              "limits.max_request_headers",
                                                              "limits.max_sdp_bytes",
                                                              "protocol.max_scrape_torrents",
                                                              "protocol.max_offers",
                                                              "protocol.join_families",
                                                              "metrics.peer_clients",
                                                              "metrics.run_prometheus_endpoint",
                                                              "metrics.prometheus_endpoint_address",
                                                              "metrics.peer_id_prefixes",
                                                              "statistics.peer_clients",
                                                              "statistics.torrent_peer_histograms"};
  return kFixed;
}

}  // namespace aquatic::server
