// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_config.h"

#include <array>

#include "protocol/udp/request.h"

namespace aquatic::server {

std::vector<std::string> validate(const UdpConfig& config) {
  refuse_contradictions(config);

  Notes notes;
  notes.add_if_peers_go_too_soon(config);
  notes.add(config.protocol.max_scrape_torrents > udp::kMaxScrapeTorrents,
            "protocol.max_scrape_torrents is above 74, the most that the protocol allows: 74 it "
            "is");
  return notes.take();
}

std::span<const std::string_view> fixed_settings(const UdpConfig&) {
  static constexpr std::array<std::string_view, 22> kFixed = {
      "statistics.name_torrents",
      "socket_workers",
      "privileges",
      "cleaning",
      "network.use_ipv4",
      "network.use_ipv6",
      "network.address_ipv4",
      "network.address_ipv6",
      "network.set_only_ipv6",
      "network.socket_recv_buffer_size",
      "network.io_backend",
      "network.ring_size",
      "network.nap_us",
      "network.reply_from",
      "network.steering",
      "protocol.connection_secret",
      "statistics.run_prometheus_endpoint",
      "statistics.prometheus_endpoint_address",
      "statistics.prometheus_peer_id_prefixes",
      "statistics.peer_clients",
      "statistics.torrent_peer_histograms",
      "scrape_exports"};
  return kFixed;
}

}  // namespace aquatic::server
