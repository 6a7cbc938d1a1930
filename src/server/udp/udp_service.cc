// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_service.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/log.h"
#include "base/random.h"
#include "net/datagram_backends.h"
#include "net/udp_socket.h"
#include "server/tracker.h"
#include "server/udp/udp_figures.h"
#include "server/udp/udp_handler.h"
#include "server/udp/udp_statistics.h"
#include "server/udp/udp_steering.h"
#include "server/udp/udp_worker.h"

namespace aquatic::server {
namespace {

ConnectionIds connection_ids(const UdpConfig& config) {
  const auto unix_now = std::chrono::system_clock::now().time_since_epoch();
  ConnectionIds::Secret secret;
  if (config.protocol.connection_secret.bytes) {
    secret = *config.protocol.connection_secret.bytes;
  } else {
    fill_secret(secret);
  }
  return {secret, config.cleaning.max_connection_age,
          static_cast<std::uint64_t>(
              std::chrono::duration_cast<std::chrono::seconds>(unix_now).count())};
}

UdpHandlerOptions handler_options(const UdpConfig& config) {
  return {.announce_interval_s = config.protocol.peer_announce_interval,
          .max_response_peers = config.protocol.max_response_peers,
          .max_scrape_torrents =
              std::min<std::size_t>(config.protocol.max_scrape_torrents, udp::kMaxScrapeTorrents)};
}

net::AddressMode address_mode(ReplyFrom reply_from) {
  switch (reply_from) {
    case ReplyFrom::automatic: return net::AddressMode::automatic;
    case ReplyFrom::pktinfo: return net::AddressMode::packet_info;
    case ReplyFrom::each: return net::AddressMode::each;
    case ReplyFrom::plain: return net::AddressMode::plain;
  }
  return net::AddressMode::automatic;
}

std::string_view backend_name(IoBackend backend) {
  return config::kWords<IoBackend>[static_cast<std::size_t>(backend)];
}

}  // namespace

UdpService::UdpService(const UdpConfig& config, const Surroundings& surroundings)
    : config_(config),
      handler_options_(std::make_shared<UdpHandlerOptions>(handler_options(config))),
      tracker_(surroundings.tracker),
      status_(surroundings.status),
      connection_ids_(connection_ids(config)) {
  open_sockets(surroundings.sockets);
}

void UdpService::open_sockets(net::InheritedSockets& inherited) {
  const auto& network = config_.network;
  const std::size_t count = worker_count(config_.socket_workers);
  std::vector<sock_filter> steering;
  if (network.steering && count > 1) {
    steering = steering_program(InfoHashHasher(tracker_.hash_seed()),
                                tracker_.swarm().shard_count(), static_cast<std::uint32_t>(count));
  }
  for (const Family family : families_to_open(network.use_ipv4, network.use_ipv6)) {
    if (family == Family::ipv4) {
      open_family(network.address_ipv4, "udp4", steering, inherited);
    } else {
      open_family(network.address_ipv6, "udp6", steering, inherited);
    }
  }
}

void UdpService::open_family(const Endpoint& address, std::string_view name,
                             std::span<const sock_filter> steering,
                             net::InheritedSockets& inherited) {
  // With IPv4 sockets of our own beside it, an IPv6 socket has no IPv4 datagrams to take.
  auto groups =
      net::open_udp_groups({.address = address,
                            .worker_count = worker_count(config_.socket_workers),
                            .only_ipv6 = config_.network.set_only_ipv6 || config_.network.use_ipv4,
                            .address_mode = address_mode(config_.network.reply_from),
                            .receive_buffer_bytes = config_.network.socket_recv_buffer_size,
                            .steering = steering},
                           inherited.take(SOCK_DGRAM, address));
  std::vector<Family> served = {address.ip.family()};
  // An IPv6 socket that is not only for IPv6 serves IPv4 peers too.
  if (!address.ip.is_v4() && !config_.network.set_only_ipv6 && !config_.network.use_ipv4) {
    served.push_back(Family::ipv4);
  }
  std::uint32_t number = 0;
  for (net::UdpGroup& group : groups) {
    if (group.is_receive_buffer_capped) {
      log::warn(
          "{}: the kernel granted a receive buffer of {} bytes instead of {}; raise "
          "net.core.rmem_max or grant CAP_NET_ADMIN",
          group.address.to_string(), group.receive_buffer_bytes,
          config_.network.socket_recv_buffer_size);
    }
    if (!group.steering_error.empty()) {
      log::warn("{}: the kernel does not steer datagrams by torrent: {}", group.address.to_string(),
                group.steering_error);
    }
    for (net::UdpSocketPair& sockets : group.sockets) {
      workers_.push_back({.name = fmt::format("{}-{}", name, workers_.size()),
                          .number = number++,
                          .families = served,
                          .sockets = std::move(sockets),
                          .metrics = std::make_unique<UdpMetrics>()});
      workers_.back().metrics->counts_kernel_drops =
          !group.is_shared || &sockets == group.sockets.data();
      if (ClientCensus* const clients = status_.clients()) {
        workers_.back().clients = &clients->add_sampler(config_.cleaning.max_peer_age);
      }
    }
  }
  addresses_.push_back(groups.back().address);
}

void UdpService::choose_backend() {
  backend_ = net::choose_datagram_backend(backend_name(config_.network.io_backend));
  if (backend_.reason.empty()) {
    log::info("moving datagrams with {}", backend_.backend->name);
  } else {
    log::warn("moving datagrams with {}: {}", backend_.backend->name, backend_.reason);
  }
}

void UdpService::set_options(const UdpConfig& config) {
  handler_options_.replace(std::make_shared<UdpHandlerOptions>(handler_options(config)));
}

void UdpService::start(process::Workers& threads) {
  choose_backend();  // As who will use it: what root may do says nothing.
  for (Worker& worker : workers_) start(worker, threads);
}

void UdpService::start(Worker& worker, process::Workers& threads) {
  threads.start_watched(worker.name, [this, &worker](const process::WatchedToken& stop) {
    const auto socket =
        net::open_datagram_socket(backend_, std::move(worker.sockets),
                                  {.nap = std::chrono::microseconds(config_.network.nap_us),
                                   .ring_size = config_.network.ring_size});
    UdpHandler handler(*handler_options_.current(), tracker_.swarm(), tracker_.access_list(),
                       connection_ids_, secret_seed(), *worker.metrics, worker.clients);
    run_udp_worker(*socket, handler, handler_options_, tracker_.clock(), *worker.metrics,
                   status_.timing(), stop);
  });
}

std::string UdpService::urls() const {
  std::string urls;
  for (const Endpoint& address : addresses_) {
    urls += fmt::format("udp://{}/announce\n", address.to_string());
  }
  return urls;
}

void UdpService::collect(Figures& figures) const {
  for (const Worker& worker : workers_) {
    add_figures(*worker.metrics, worker.number, worker.families, figures);
  }
  collect_latencies(
      Protocol::udp, workers_,
      [](const Worker& worker) -> auto& { return worker.metrics->latency; }, figures);
}

std::string UdpService::report(std::chrono::steady_clock::time_point now) {
  std::vector<const UdpMetrics*> metrics;
  for (const Worker& worker : workers_) metrics.push_back(worker.metrics.get());
  std::vector<FamilyTotals> families;
  // An IPv6 socket that is not only for IPv6 serves IPv4 peers too.
  const bool is_dual_stack = config_.network.use_ipv6 && !config_.network.set_only_ipv6;
  if (config_.network.use_ipv4 || is_dual_stack) {
    families.push_back({Family::ipv4, tracker_.swarm().totals(Family::ipv4)});
  }
  if (config_.network.use_ipv6)
    families.push_back({Family::ipv6, tracker_.swarm().totals(Family::ipv6)});
  return statistics_.report(metrics, families, now);
}

}  // namespace aquatic::server
