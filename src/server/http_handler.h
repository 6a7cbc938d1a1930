// SPDX-License-Identifier: Apache-2.0
// The HTTP tracker proper: bytes of a stream and `now` in, responses out (BEP 3, 7, 21, 23, 24, 31,
// 48 over RFC 9112).
//
// It does no I/O, reads no clock, logs nothing and throws nothing; given the same turns, swarm and
// seed it writes the same bytes. Only the swarm and the counters change. Each worker owns one.
//
// A tracker client always gets status 200 and bencode, failures too: libtorrent reads nothing else.
// Whoever is not one gets a status that says what was wrong, and a text.
#pragma once
#include <vector>

#include "access_list/access_list.h"
#include "base/byte_buffer.h"
#include "base/ip_network.h"
#include "base/random.h"
#include "net/stream_handler.h"
#include "protocol/http/forwarded.h"
#include "protocol/http/request.h"
#include "protocol/http/request_head.h"
#include "protocol/http/response.h"
#include "protocol/http/response_head.h"
#include "server/http_metrics.h"
#include "swarm/swarm.h"

namespace aquatic::server {

struct HttpHandlerOptions {
  http::HeadLimits head;
  std::size_t max_output_bytes = 64 * 1024;  // Unsent; then further requests have to wait.
  bool keeps_alive = true;

  // Where the address of a peer comes from a header of trusted proxies.
  bool is_behind_proxy = false;
  std::string proxy_header_name = "X-Forwarded-For";
  http::ForwardedFormat proxy_header_format = http::ForwardedFormat::address_list;
  IpNetworks trusted_proxies;

  std::uint32_t announce_interval_s = 120;
  std::uint32_t min_announce_interval_s = 60;
  std::size_t max_peers = 50;  // Also given where the client leaves it to us.
  std::size_t max_scrape_torrents = 255;
  bool allows_ip_parameters = false;
  bool allows_full_scrape = false;
};

class HttpHandler final : public net::StreamHandler {
 public:
  // `swarm`, `access_list` and `metrics` have to outlive the handler.
  HttpHandler(HttpHandlerOptions options, swarm::Swarm& swarm,
              const access_list::Holder& access_list, std::uint64_t seed, HttpMetrics& metrics);

  void handle(net::StreamTurn& turn) noexcept override;
};

}  // namespace aquatic::server
