// SPDX-License-Identifier: Apache-2.0
// How an HTTP worker is to treat requests: its settings, in its own words.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ip_network.h"
#include "protocol/http/forwarded.h"
#include "protocol/http/request_head.h"

namespace aquatic::server {

struct HttpHandlerOptions {
  http::HeadLimits head = {};
  std::size_t max_output_bytes = 64 * 1024;  // Unsent; then further requests have to wait.
  bool keeps_alive = true;
  bool serves_announces = true;  // And scrapes; else they are unknown.

  // Where the address of a peer comes from a header of trusted proxies.
  bool is_behind_proxy = false;
  std::string proxy_header_name = "X-Forwarded-For";
  http::ForwardedFormat proxy_header_format = http::ForwardedFormat::address_list;
  IpNetworks trusted_proxies = {};

  std::uint32_t announce_interval_s = 120;
  std::uint32_t min_announce_interval_s = 60;
  std::size_t max_peers = 50;  // Also given where the client leaves it to us.
  std::size_t max_scrape_torrents = 255;
  bool allows_ip_parameters = false;
  bool allows_full_scrape = false;
  bool keeps_peer_ids = false;  // As the swarm does.
};

}  // namespace aquatic::server
