// SPDX-License-Identifier: Apache-2.0
// From settings to the options of a StreamService, for all trackers whose settings have the
// sections of stream_network.def and stream_limits.def.
#pragma once
#include <cstddef>
#include <string>
#include <utility>

#include "server/stream/stream_service.h"
#include "server/tracker.h"

namespace aquatic::server {

// How long a stream waits for the peer to close after our last word; whoever is on the way to do
// so is done with it in a few round trips.
inline constexpr Seconds kLingerLimit = 5;

// `idle_limit_s` is how long a stream may say nothing, `max_input_bytes` what it may leave
// unfinished.
template <class Config>
net::StreamOptions stream_options(const Config& config, Seconds idle_limit_s,
                                  std::size_t max_input_bytes) {
  const auto& limits = config.limits;
  net::Deadlines::Limits waits{};
  const auto set = [&waits](net::Wait wait, Seconds limit) {
    waits[static_cast<std::size_t>(wait)] = limit;
  };
  set(net::Wait::handshake, limits.max_tls_handshake_s);
  set(net::Wait::message, limits.max_request_s);
  set(net::Wait::idle, idle_limit_s);
  set(net::Wait::attended, idle_limit_s);
  set(net::Wait::write, limits.max_write_s);
  set(net::Wait::linger, kLingerLimit);
  return {.limits = waits,
          .max_input_bytes = max_input_bytes,
          .max_output_bytes = limits.max_output_bytes,
          .proxies = config.network.proxy_protocol ? IpNetworks(config.network.trusted_proxies)
                                                   : IpNetworks()};
}

template <class Config>
StreamServiceOptions stream_service_options(const Config& config, std::string worker_name,
                                            net::StreamOptions streams) {
  const auto& network = config.network;
  StreamServiceOptions options{
      .worker_name = std::move(worker_name),
      .worker_count = worker_count(config.socket_workers),
      .addresses = {},
      // With IPv4 sockets of our own beside it, an IPv6 socket has no connections to take.
      .only_ipv6 = network.set_only_ipv6 || network.use_ipv4,
      .backlog = network.tcp_backlog,
      .has_tls = network.enable_tls,
      .tls_certificate_path = network.tls_certificate_path,
      .tls_private_key_path = network.tls_private_key_path,
      .max_connections = config.limits.max_connections,
      .max_connections_per_ip = config.limits.max_connections_per_ip,
      .exempt =
          network.runs_behind_reverse_proxy ? IpNetworks(network.trusted_proxies) : IpNetworks(),
      .streams = std::move(streams)};
  for (const Family family : families_to_open(network.use_ipv4, network.use_ipv6)) {
    options.addresses.push_back(family == Family::ipv4 ? Endpoint(network.address_ipv4)
                                                       : Endpoint(network.address_ipv6));
  }
  return options;
}

}  // namespace aquatic::server
