// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_service.h"

#include <memory>

#include "server/status/status_handler.h"

namespace aquatic::server {
namespace {

// Operators and their programs, and whoever finds the address: enough for the former, and too few
// to be missed by the tracker.
constexpr std::size_t kMaxConnections = 256;
constexpr std::size_t kMaxConnectionsPerIp = 128;
constexpr Seconds kMessageLimit = 10;
constexpr Seconds kIdleLimit = 60;
constexpr Seconds kWriteLimit = 20;
constexpr Seconds kLingerLimit = 5;
constexpr int kBacklog = 64;

StreamServiceOptions service_options(const Endpoint& address) {
  net::Deadlines::Limits limits{};
  const auto set = [&limits](net::Wait wait, Seconds limit) {
    limits[static_cast<std::size_t>(wait)] = limit;
  };
  set(net::Wait::handshake, kMessageLimit);
  set(net::Wait::message, kMessageLimit);
  set(net::Wait::idle, kIdleLimit);
  set(net::Wait::write, kWriteLimit);
  set(net::Wait::linger, kLingerLimit);
  return {.worker_name = "status",
          .addresses = {address},
          .backlog = kBacklog,
          .max_connections = kMaxConnections,
          .max_connections_per_ip = kMaxConnectionsPerIp,
          .streams = {.limits = limits, .proxies = {}}};
}

}  // namespace

StatusService::StatusService(const Endpoint& address, const Clock& clock,
                             StatusPublisher& publisher, net::InheritedSockets& sockets)
    : clock_(clock), publisher_(publisher), streams_(service_options(address), &sockets) {}

void StatusService::start(process::Workers& threads) {
  streams_.start(threads, clock_, [this](net::Outbox& outbox) {
    return std::make_unique<StatusHandler>(StatusHandlerOptions(),
                                           publisher_.source(outbox.inbox(), true));
  });
}

std::string StatusService::urls() const {
  return streams_.urls("http", "/stats") + streams_.urls("http", "/metrics");
}

}  // namespace aquatic::server
