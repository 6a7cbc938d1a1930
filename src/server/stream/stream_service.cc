// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_service.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "net/tcp_listener.h"
#include "process/open_files.h"
#include "server/stream/stream_figures.h"
#include "server/stream/stream_worker.h"

namespace aquatic::server {
namespace {

// Descriptors of the process that are no connections: listeners, epoll, mailbox and the like of a
// worker, and connections that were refused; standard streams, timers, files that are read.
constexpr std::uint64_t kDescriptorsPerWorker = 8 + net::StreamServer::kMaxFarewells;
constexpr std::uint64_t kOtherDescriptors = 64;

// Messages on their way to one worker: some thousand offers, of a round of all the others.
constexpr std::size_t kMailboxBytes = 16 * 1024 * 1024;

// As many connections as the settings and the system allow. Makes the system allow what it can.
std::size_t connection_limit(const StreamServiceOptions& options) {
  const std::uint64_t file_limit = process::raise_open_file_limit();
  const std::uint64_t reserved = kOtherDescriptors + kDescriptorsPerWorker * options.worker_count;
  // The system refuses by not accepting at all: better be the one who refuses.
  const std::uint64_t possible = file_limit > reserved ? file_limit - reserved : 1;
  const std::uint64_t wanted = options.max_connections;
  if (wanted > possible) {
    log::warn(
        "there cannot be more than {} connections, although limits.max_connections is {}: the "
        "limit of open files is {}; raise it with LimitNOFILE= of systemd or with ulimit -n",
        possible, wanted, file_limit);
  }
  return wanted == 0 ? possible : std::min(wanted, possible);
}

}  // namespace

std::optional<TlsFiles> load_tls_files(const StreamServiceOptions& options) {
  if (!options.has_tls) return std::nullopt;
  return std::make_optional<TlsFiles>(options.tls_certificate_path, options.tls_private_key_path);
}

StreamService::StreamService(const StreamServiceOptions& options, net::InheritedSockets* inherited)
    : options_(options),
      tls_(load_tls_files(options)),
      budget_(connection_limit(options), options.max_connections_per_ip, options.exempt),
      waits_(std::make_shared<net::Deadlines::Limits>(options.streams.limits)) {
  for (std::size_t i = 0; i < options.worker_count; ++i) {
    workers_.push_back({.listeners = {}, .metrics = std::make_unique<StreamMetrics>()});
    mailboxes_.push_back(std::make_unique<net::Mailbox>(kMailboxBytes));
  }
  net::InheritedSockets none;
  open_listeners(inherited != nullptr ? *inherited : none);
}

void StreamService::open_listeners(net::InheritedSockets& inherited) {
  for (const Endpoint& address : options_.addresses) {
    net::TcpListeners listeners = net::open_tcp_listeners({.address = address,
                                                           .worker_count = workers_.size(),
                                                           .only_ipv6 = options_.only_ipv6,
                                                           .backlog = options_.backlog},
                                                          inherited.take(SOCK_STREAM, address));
    addresses_.push_back(listeners.address);
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      workers_[i].listeners.push_back(std::move(listeners.sockets[i]));
    }
  }
}

void StreamService::start(process::Workers& threads, const Clock& clock,
                          const MakeHandler& make_handler) {
  for (std::uint32_t i = 0; i < workers_.size(); ++i) {
    threads.start_watched(fmt::format("{}-{}", options_.worker_name, i),
                          [this, i, &clock, make_handler](const process::WatchedToken& stop) {
                            serve(i, clock, make_handler, stop);
                          });
  }
}

void StreamService::serve(std::uint32_t worker, const Clock& clock, const MakeHandler& make_handler,
                          const process::WatchedToken& stop) {
  net::Outbox outbox(mailboxes_, worker);
  const std::unique_ptr<net::StreamHandler> handler = make_handler(outbox);
  net::StreamServer server(options_.streams, workers_[worker].listeners, budget_,
                           tls_ ? &tls_->context() : nullptr, clock, *handler, &outbox);
  run_stream_worker(server, waits_, *workers_[worker].metrics, stop);
}

std::string StreamService::urls(std::string_view scheme, std::string_view path) const {
  std::string urls;
  for (const Endpoint& address : addresses_) {
    const std::string rest = fmt::format("://{}{}\n", address.to_string(), path);
    if (!tls_ || options_.streams.also_plain) urls += fmt::format("{}{}", scheme, rest);
    if (tls_) urls += fmt::format("{}s{}", scheme, rest);
  }
  return urls;
}

void StreamService::set_options(const StreamServiceOptions& options) {
  budget_.set_limits(connection_limit(options), options.max_connections_per_ip);
  waits_.replace(std::make_shared<net::Deadlines::Limits>(options.streams.limits));
  if (tls_) tls_->set_paths(options.tls_certificate_path, options.tls_private_key_path);
}

void StreamService::reload_tls() {
  if (!tls_) return;
  const bool is_new = tls_->reload();
  log::info("certificate and key {}", is_new ? "read again" : "have not changed");
}

void StreamService::tick() { crowd_memory_.update(sums().of(StreamMetric::open)); }

CounterSums<StreamMetric> StreamService::sums() const {
  CounterSums<StreamMetric> sums;
  for (const Worker& worker : workers_) sums.add(*worker.metrics);
  return sums;
}

void StreamService::collect(Figures& figures) const {
  for (std::uint32_t i = 0; i < workers_.size(); ++i) add_figures(*workers_[i].metrics, i, figures);
}

}  // namespace aquatic::server
