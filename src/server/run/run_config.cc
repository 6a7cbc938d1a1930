// SPDX-License-Identifier: Apache-2.0
#include "server/run/run_config.h"

#include <array>

#include "protocol/udp/request.h"

namespace aquatic::server {
namespace {

#define SETTINGS_COPY copy_process
#define SETTINGS_FILE "server/process.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_addresses
#define SETTINGS_FILE "server/addresses.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_backlog
#define SETTINGS_FILE "server/stream/stream_backlog.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_certificate
#define SETTINGS_FILE "server/stream/stream_certificate.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_proxies
#define SETTINGS_FILE "server/stream/stream_proxies.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_stream_limits
#define SETTINGS_FILE "server/stream/stream_limits.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_udp_io
#define SETTINGS_FILE "server/udp/udp_io.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_udp_protocol
#define SETTINGS_FILE "server/udp/udp_protocol.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_udp_cleaning
#define SETTINGS_FILE "server/udp/udp_cleaning.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_http_network
#define SETTINGS_FILE "server/http/http_network.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_http_protocol
#define SETTINGS_FILE "server/http/http_protocol.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_http_cleaning
#define SETTINGS_FILE "server/http/http_cleaning.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_ws_network
#define SETTINGS_FILE "server/ws/ws_network.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_ws_limits
#define SETTINGS_FILE "server/ws/ws_limits.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_ws_protocol
#define SETTINGS_FILE "server/ws/ws_protocol.def"
#include "config/copy.inc"
#define SETTINGS_COPY copy_ws_cleaning
#define SETTINGS_FILE "server/ws/ws_cleaning.def"
#include "config/copy.inc"

// What trackers on TCP have in common.
template <class Config>
void copy_streams(const RunConfig& from, Config& to) {
  copy_process(from, to);
  copy_addresses(from.network, to.network);
  copy_backlog(from.network, to.network);
  copy_certificate(from.network, to.network);
  copy_proxies(from.network, to.network);
  copy_stream_limits(from.limits, to.limits);
  to.network.set_only_ipv6 = from.network.set_only_ipv6;
  to.network.enable_tls = from.network.enable_tls;
  to.limits.max_output_bytes = from.limits.max_output_bytes;
  to.cleaning.torrent_cleaning_interval = from.cleaning.torrent_cleaning_interval;
}

// A note of a part, with the name of the setting that it is about as the whole has it.
void add_notes(std::vector<std::string> of_part, std::string_view section,
               std::vector<std::string>& notes) {
  for (std::string& note : of_part) notes.push_back(fmt::format("[{}] {}", section, note));
}

}  // namespace

UdpConfig udp_config(const RunConfig& config) {
  UdpConfig udp;
  copy_process(config, udp);
  copy_addresses(config.network, udp.network);
  udp.network.set_only_ipv6 = config.network.set_only_ipv6;
  copy_udp_io(config.udp, udp.network);
  copy_udp_protocol(config.udp, udp.protocol);
  copy_udp_cleaning(config.udp, udp.cleaning);
  udp.cleaning.torrent_cleaning_interval = config.cleaning.torrent_cleaning_interval;
  udp.cleaning.max_peer_age = config.cleaning.max_peer_age;
  return udp;
}

HttpConfig http_config(const RunConfig& config) {
  HttpConfig http;
  copy_streams(config, http);
  copy_http_network(config.http, http.network);
  copy_http_protocol(config.http, http.protocol);
  copy_http_cleaning(config.http, http.cleaning);
  http.cleaning.max_peer_age = config.cleaning.max_peer_age;
  return http;
}

WsConfig ws_config(const RunConfig& config) {
  WsConfig ws;
  copy_streams(config, ws);
  copy_ws_network(config.ws, ws.network);
  copy_ws_limits(config.limits, ws.limits);
  copy_ws_protocol(config.ws, ws.protocol);
  copy_ws_cleaning(config.ws, ws.cleaning);
  ws.cleaning.max_peer_age = config.ws.max_peer_age;
  ws.network.serve_stats = config.network.serve_stats;
  return ws;
}

std::vector<std::string> validate(const RunConfig& config) {
  refuse_if(!config.udp.enable && !has_tcp(config),
            "udp.enable, http.enable and ws.enable are all false: there is nothing to serve");
  refuse_if(config.network.require_tls && !config.network.enable_tls,
            "network.enable_tls is false, but network.require_tls needs it");
  refuse_contradictions(config);
  std::vector<std::string> notes;
  if (config.udp.enable) add_notes(validate(udp_config(config)), "udp", notes);
  if (config.http.enable) add_notes(validate(http_config(config)), "http", notes);
  if (config.ws.enable) add_notes(validate(ws_config(config)), "ws", notes);
  return notes;
}

std::span<const config::OldKey> old_keys(const RunConfig&) { return {}; }

std::span<const std::string_view> fixed_settings(const RunConfig&) {
  static constexpr std::array<std::string_view, 43> kFixed = {"metrics.name_torrents",
                                                              "socket_workers",
                                                              "privileges",
                                                              "cleaning",
                                                              "network.use_ipv4",
                                                              "network.use_ipv6",
                                                              "network.address_ipv4",
                                                              "network.address_ipv6",
                                                              "network.set_only_ipv6",
                                                              "network.tcp_backlog",
                                                              "network.enable_tls",
                                                              "network.proxy_protocol",
                                                              "network.require_tls",
                                                              "network.serve_stats",
                                                              "udp.enable",
                                                              "udp.socket_recv_buffer_size",
                                                              "udp.io_backend",
                                                              "udp.ring_size",
                                                              "udp.nap_us",
                                                              "udp.reply_from",
                                                              "udp.steering",
                                                              "udp.connection_secret",
                                                              "udp.max_connection_age",
                                                              "http.enable",
                                                              "http.keep_peer_ids",
                                                              "ws.enable",
                                                              "ws.websocket_max_message_size",
                                                              "ws.websocket_max_frame_size",
                                                              "ws.max_scrape_torrents",
                                                              "ws.max_offers",
                                                              "ws.join_families",
                                                              "ws.max_peer_age",
                                                              "ws.max_offer_age",
                                                              "limits.max_output_bytes",
                                                              "limits.max_request_bytes",
                                                              "limits.max_request_headers",
                                                              "limits.max_sdp_bytes",
                                                              "metrics.run_prometheus_endpoint",
                                                              "metrics.prometheus_endpoint_address",
                                                              "metrics.peer_id_prefixes",
                                                              "statistics.peer_clients",
                                                              "statistics.torrent_peer_histograms",
                                                              "scrape_exports"};
  return kFixed;
}

bool has_tcp(const RunConfig& config) { return config.http.enable || config.ws.enable; }

std::vector<Endpoint> addresses_of(const RunConfig& config) {
  std::vector<Endpoint> addresses;
  if (config.network.use_ipv4) addresses.push_back(config.network.address_ipv4);
  if (config.network.use_ipv6) addresses.push_back(config.network.address_ipv6);
  return addresses;
}

}  // namespace aquatic::server
