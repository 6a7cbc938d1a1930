// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_config.h"

#include <array>

namespace aquatic::server {

std::vector<std::string> validate(const HttpConfig& config) {
  refuse_contradictions(config);
  refuse_stream_contradictions(config);
  Notes notes;
  notes.add_if_peers_go_too_soon(config);
  add_stream_notes(config, "HTTP", notes);
  return notes.take();
}

std::span<const std::string_view> fixed_settings(const HttpConfig&) {
  static constexpr std::array<std::string_view, 22> kFixed = {"metrics.name_torrents",
                                                              "socket_workers",
                                                              "privileges",
                                                              "cleaning.torrent_cleaning_interval",
                                                              "cleaning.max_peer_age",
                                                              "network.use_ipv4",
                                                              "network.use_ipv6",
                                                              "network.address_ipv4",
                                                              "network.address_ipv6",
                                                              "network.set_only_ipv6",
                                                              "network.tcp_backlog",
                                                              "network.enable_tls",
                                                              "network.proxy_protocol",
                                                              "limits.max_output_bytes",
                                                              "limits.max_request_bytes",
                                                              "limits.max_request_headers",
                                                              "protocol.keep_peer_ids",
                                                              "metrics.run_prometheus_endpoint",
                                                              "metrics.prometheus_endpoint_address",
                                                              "metrics.peer_id_prefixes",
                                                              "statistics.peer_clients",
                                                              "statistics.torrent_peer_histograms"};
  return kFixed;
}

}  // namespace aquatic::server
