// SPDX-License-Identifier: Apache-2.0
#include "server/http_server.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "base/log.h"
#include "net/connection_budget.h"
#include "net/stream_server.h"
#include "net/tcp_listener.h"
#include "process/control_loop.h"
#include "process/entry.h"
#include "process/open_files.h"
#include "server/http_handler.h"
#include "server/http_statistics.h"
#include "server/http_worker.h"
#include "server/tls_files.h"
#include "server/tracker.h"

namespace aquatic::server {
namespace {

// How long a stream waits for the peer to close after our last word; whoever is on the way to do
// so is done with it in a few round trips.
constexpr Seconds kLingerLimit = 5;

// Room for requests that come in behind the one that is still incomplete.
constexpr std::size_t kReadAheadBytes = 16 * 1024;

// Descriptors of the process that are no connections: listeners, epoll and the like of a worker;
// standard streams, timers, files that are read; connections about to be refused.
constexpr std::uint64_t kDescriptorsPerWorker = 8;
constexpr std::uint64_t kOtherDescriptors = 64;

TrackerOptions options_of_tracker(const HttpConfig& config) {
  TrackerOptions options = tracker_options(config);
  options.swarm.keeps_peer_ids = config.protocol.keep_peer_ids;
  return options;
}

http::ForwardedFormat forwarded_format(ProxyHeaderFormat format) {
  return format == ProxyHeaderFormat::rfc7239 ? http::ForwardedFormat::rfc7239
                                              : http::ForwardedFormat::address_list;
}

HttpHandlerOptions handler_options(const HttpConfig& config) {
  const auto& [network, limits, protocol] =
      std::tie(config.network, config.limits, config.protocol);
  return {
      .head = {.max_bytes = limits.max_request_bytes, .max_headers = limits.max_request_headers},
      .max_output_bytes = limits.max_output_bytes,
      .keeps_alive = network.keep_alive,
      .is_behind_proxy = network.runs_behind_reverse_proxy,
      .proxy_header_name = network.reverse_proxy_ip_header_name,
      .proxy_header_format = forwarded_format(network.reverse_proxy_ip_header_format),
      .trusted_proxies = network.trusted_proxies,
      .announce_interval_s = protocol.peer_announce_interval,
      .min_announce_interval_s = protocol.min_announce_interval,
      .max_peers = protocol.max_peers,
      .max_scrape_torrents = protocol.max_scrape_torrents,
      .allows_ip_parameters = protocol.allow_ip_parameters,
      .allows_full_scrape = protocol.allow_full_scrape,
      .keeps_peer_ids = protocol.keep_peer_ids};
}

// Those whose word counts, if anybody listens.
IpNetworks trusted_proxies(const HttpConfig& config, bool is_listened_to) {
  return is_listened_to ? IpNetworks(config.network.trusted_proxies) : IpNetworks();
}

net::StreamOptions stream_options(const HttpConfig& config) {
  const auto& limits = config.limits;
  net::Deadlines::Limits waits{};
  const auto set = [&waits](net::Wait wait, Seconds limit) {
    waits[static_cast<std::size_t>(wait)] = limit;
  };
  set(net::Wait::handshake, limits.max_tls_handshake_s);
  set(net::Wait::message, limits.max_request_s);
  set(net::Wait::idle, config.cleaning.max_connection_idle);
  set(net::Wait::write, limits.max_write_s);
  set(net::Wait::linger, kLingerLimit);
  return {.limits = waits,
          .max_input_bytes = limits.max_request_bytes + kReadAheadBytes,
          .max_output_bytes = limits.max_output_bytes,
          .proxies = trusted_proxies(config, config.network.proxy_protocol)};
}

// As many connections as the settings and the system allow. Makes the system allow what it can.
std::size_t connection_limit(const HttpConfig& config) {
  const std::uint64_t file_limit = process::raise_open_file_limit();
  const std::uint64_t reserved =
      kOtherDescriptors + kDescriptorsPerWorker * worker_count(config.socket_workers);
  // The system refuses by not accepting at all: better be the one who refuses.
  const std::uint64_t possible = file_limit > reserved ? file_limit - reserved : 1;
  const std::uint64_t wanted = config.limits.max_connections;
  if (wanted > possible) {
    log::warn(
        "there cannot be more than {} connections, although limits.max_connections is {}: the "
        "limit of open files is {}; raise it with LimitNOFILE= of systemd or with ulimit -n",
        possible, wanted, file_limit);
  }
  return wanted == 0 ? possible : std::min(wanted, possible);
}

std::optional<TlsFiles> load_tls_files(const HttpConfig& config) {
  const auto& network = config.network;
  if (!network.enable_tls) return std::nullopt;
  return std::make_optional<TlsFiles>(network.tls_certificate_path, network.tls_private_key_path);
}

// One tracker, from open sockets to the last response.
class HttpServer {
 public:
  // Opens files and sockets, then drops privileges.
  explicit HttpServer(const HttpConfig& config);
  // Starts the workers, prints the URLs and works until told to stop.
  void run();

 private:
  // What a worker thread needs, made before it exists.
  struct Worker {
    std::string name;
    std::vector<FileDescriptor> listeners;
    std::unique_ptr<HttpMetrics> metrics;
  };

  void open_listeners();
  void start(Worker& worker);
  void print_urls() const;
  void tick();
  void reload();
  void print_statistics();

  const HttpConfig& config_;
  process::Signals signals_;
  Tracker tracker_;
  std::optional<TlsFiles> tls_;
  net::ConnectionBudget budget_;
  std::vector<Endpoint> addresses_;
  std::vector<Worker> workers_;
  HttpStatistics statistics_{std::chrono::steady_clock::now()};
  process::Workers threads_;  // Last, so that they end before what they use.
};

HttpServer::HttpServer(const HttpConfig& config)
    : config_(config),
      tracker_(options_of_tracker(config)),
      tls_(load_tls_files(config)),
      budget_(connection_limit(config), config.limits.max_connections_per_ip,
              trusted_proxies(config, config.network.runs_behind_reverse_proxy)) {
  open_listeners();
  drop_privileges(config);
}

void HttpServer::open_listeners() {
  const auto& network = config_.network;
  const std::size_t count = worker_count(config_.socket_workers);
  for (std::size_t i = 0; i < count; ++i) {
    workers_.push_back({.name = fmt::format("http-{}", i),
                        .listeners = {},
                        .metrics = std::make_unique<HttpMetrics>()});
  }
  for (const Family family : families_to_open(network.use_ipv4, network.use_ipv6)) {
    const Endpoint& address =
        family == Family::ipv4 ? Endpoint(network.address_ipv4) : Endpoint(network.address_ipv6);
    net::TcpListeners listeners = net::open_tcp_listeners(
        {.address = address,
         .worker_count = count,
         // With IPv4 sockets of our own beside it, an IPv6 socket has no connections to take.
         .only_ipv6 = network.set_only_ipv6 || network.use_ipv4,
         .backlog = network.tcp_backlog});
    addresses_.push_back(listeners.address);
    for (std::size_t i = 0; i < count; ++i) {
      workers_[i].listeners.push_back(std::move(listeners.sockets[i]));
    }
  }
}

void HttpServer::run() {
  for (Worker& worker : workers_) start(worker);
  print_urls();
  log::info("serving with {} workers", workers_.size());
  process::run_control_loop(signals_, threads_,
                            {.on_tick = [this] { tick(); }, .on_reload = [this] { reload(); }});
  signals_.let_stop_signals_kill();
  threads_.stop();
  log::info("stopped");
}

void HttpServer::start(Worker& worker) {
  threads_.start(worker.name, [this, &worker](const std::stop_token& stop) {
    HttpHandler handler(handler_options(config_), tracker_.swarm(), tracker_.access_list(),
                        secret_seed(), *worker.metrics);
    net::StreamServer server(stream_options(config_), worker.listeners, budget_,
                             tls_ ? &tls_->context() : nullptr, tracker_.clock(), handler);
    run_http_worker(server, worker.metrics->streams, stop);
  });
}

void HttpServer::print_urls() const {
  std::string urls;
  for (const Endpoint& address : addresses_) {
    urls += fmt::format("{}://{}/announce\n", tls_ ? "https" : "http", address.to_string());
  }
  process::print(urls);
}

void HttpServer::tick() {
  tracker_.tick();
  if (tracker_.is_report_due()) print_statistics();
}

// Either may be bad while the other is good.
void HttpServer::reload() {
  try {
    tracker_.reload_access_list();
  } catch (const std::exception& error) {
    log::error("the access list stays as it was: {}", error.what());
  }
  if (!tls_) return;
  try {
    const bool is_new = tls_->reload();
    log::info("certificate and key {}", is_new ? "read again" : "have not changed");
  } catch (const std::exception& error) {
    log::error("certificate and key stay as they were: {}", error.what());
  }
}

void HttpServer::print_statistics() {
  std::vector<const HttpMetrics*> metrics;
  for (const Worker& worker : workers_) metrics.push_back(worker.metrics.get());
  // Whoever comes over IPv4 may be, or speak for, a peer of IPv6, and the other way round.
  const std::array<FamilyTotals, 2> families = {
      FamilyTotals{Family::ipv4, tracker_.swarm().totals(Family::ipv4)},
      FamilyTotals{Family::ipv6, tracker_.swarm().totals(Family::ipv6)}};
  process::print(statistics_.report(metrics, families, tracker_.access_list().current()->size(),
                                    std::chrono::steady_clock::now()));
}

}  // namespace

void run_http_tracker(const HttpConfig& config) { HttpServer(config).run(); }

void check_http_tracker(const HttpConfig& config) {
  check_access_list(options_of_tracker(config));
  load_tls_files(config);
}

}  // namespace aquatic::server
