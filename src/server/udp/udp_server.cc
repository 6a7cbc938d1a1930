// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_server.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/log.h"
#include "base/random.h"
#include "net/datagram_backends.h"
#include "net/udp_socket.h"
#include "process/control_loop.h"
#include "process/entry.h"
#include "server/tracker.h"
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

// One tracker, from open sockets to the last response.
class UdpServer {
 public:
  // Opens files and sockets, then drops privileges.
  explicit UdpServer(const UdpConfig& config);
  // Starts the workers, prints the URLs and works until told to stop.
  void run();

 private:
  // What a worker thread needs, made before it exists.
  struct Worker {
    std::string name;
    net::UdpSocketPair sockets;
    std::unique_ptr<UdpMetrics> metrics;
  };

  void open_sockets();
  void open_family(const Endpoint& address, std::string_view name,
                   std::span<const sock_filter> steering);
  void choose_backend();
  void start(Worker& worker);
  void print_urls() const;
  void tick();
  void print_statistics();

  const UdpConfig& config_;
  process::Signals signals_;
  Tracker tracker_;
  ConnectionIds connection_ids_;
  net::BackendChoice backend_;
  std::vector<Endpoint> addresses_;
  std::vector<Worker> workers_;
  UdpStatistics statistics_{std::chrono::steady_clock::now()};
  process::Workers threads_;  // Last, so that they end before what they use.
};

UdpServer::UdpServer(const UdpConfig& config)
    : config_(config), tracker_(tracker_options(config)), connection_ids_(connection_ids(config)) {
  open_sockets();
  drop_privileges(config);
  choose_backend();  // As who will use it: what root may do says nothing.
}

void UdpServer::open_sockets() {
  const auto& network = config_.network;
  const std::size_t count = worker_count(config_.socket_workers);
  std::vector<sock_filter> steering;
  if (network.steering && count > 1) {
    steering = steering_program(InfoHashHasher(tracker_.hash_seed()),
                                tracker_.swarm().shard_count(), static_cast<std::uint32_t>(count));
  }
  for (const Family family : families_to_open(network.use_ipv4, network.use_ipv6)) {
    if (family == Family::ipv4) {
      open_family(network.address_ipv4, "udp4", steering);
    } else {
      open_family(network.address_ipv6, "udp6", steering);
    }
  }
}

void UdpServer::open_family(const Endpoint& address, std::string_view name,
                            std::span<const sock_filter> steering) {
  // With IPv4 sockets of our own beside it, an IPv6 socket has no IPv4 datagrams to take.
  auto groups =
      net::open_udp_groups({.address = address,
                            .worker_count = worker_count(config_.socket_workers),
                            .only_ipv6 = config_.network.set_only_ipv6 || config_.network.use_ipv4,
                            .address_mode = address_mode(config_.network.reply_from),
                            .receive_buffer_bytes = config_.network.socket_recv_buffer_size,
                            .steering = steering});
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
                          .sockets = std::move(sockets),
                          .metrics = std::make_unique<UdpMetrics>()});
    }
  }
  addresses_.push_back(groups.back().address);
}

void UdpServer::choose_backend() {
  backend_ = net::choose_datagram_backend(backend_name(config_.network.io_backend));
  if (backend_.reason.empty()) {
    log::info("moving datagrams with {}", backend_.backend->name);
  } else {
    log::warn("moving datagrams with {}: {}", backend_.backend->name, backend_.reason);
  }
}

void UdpServer::run() {
  for (Worker& worker : workers_) start(worker);
  print_urls();
  log::info("serving with {} workers", workers_.size());
  process::run_control_loop(
      signals_, threads_,
      {.on_tick = [this] { tick(); }, .on_reload = [this] { tracker_.reload_access_list(); }});
  signals_.let_stop_signals_kill();
  threads_.stop();
  log::info("stopped");
}

void UdpServer::start(Worker& worker) {
  threads_.start(worker.name, [this, &worker](const std::stop_token& stop) {
    const auto socket =
        net::open_datagram_socket(backend_, std::move(worker.sockets),
                                  {.nap = std::chrono::microseconds(config_.network.nap_us),
                                   .ring_size = config_.network.ring_size});
    UdpHandler handler(handler_options(config_), tracker_.swarm(), tracker_.access_list(),
                       connection_ids_, secret_seed(), *worker.metrics);
    run_udp_worker(*socket, handler, tracker_.clock(), stop);
  });
}

void UdpServer::print_urls() const {
  std::string urls;
  for (const Endpoint& address : addresses_) {
    urls += fmt::format("udp://{}/announce\n", address.to_string());
  }
  process::print(urls);
}

void UdpServer::tick() {
  tracker_.tick();
  if (tracker_.is_report_due()) print_statistics();
}

void UdpServer::print_statistics() {
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
  process::print(statistics_.report(metrics, families, tracker_.access_list().current()->size(),
                                    std::chrono::steady_clock::now()));
}

}  // namespace

void run_udp_tracker(const UdpConfig& config) { UdpServer(config).run(); }

void check_udp_tracker(const UdpConfig& config) { check_access_list(tracker_options(config)); }

}  // namespace aquatic::server
