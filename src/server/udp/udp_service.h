// SPDX-License-Identifier: Apache-2.0
// The part of a tracker that serves UDP: a socket, a thread and a UdpHandler for each worker of
// each family and local address.
//
// Control plane.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/snapshot.h"
#include "net/datagram_backends.h"
#include "net/udp_socket.h"
#include "server/service.h"
#include "server/status/status_board.h"
#include "server/surroundings.h"
#include "server/tracker.h"
#include "server/udp/connection_ids.h"
#include "server/udp/udp_config.h"
#include "server/udp/udp_handler.h"
#include "server/udp/udp_metrics.h"
#include "server/udp/udp_statistics.h"

namespace aquatic::server {

class UdpService final : public Service {
 public:
  // Opens the sockets. Throws std::runtime_error if one cannot be.
  UdpService(const UdpConfig& config, const Surroundings& surroundings);

  // Where it listens, by family that is open.
  const std::vector<Endpoint>& addresses() const noexcept { return addresses_; }

  // Settings that were read again.
  void set_options(const UdpConfig& config);

  void start(process::Workers& threads) override;
  std::string urls() const override;
  void collect(Figures& figures) const override;
  std::string report(std::chrono::steady_clock::time_point now) override;

 private:
  // What a worker thread needs, made before it exists.
  struct Worker {
    std::string name;
    std::uint32_t number = 0;  // From 0, among those that serve the same families.
    std::vector<Family> families;
    net::UdpSocketPair sockets;
    std::unique_ptr<UdpMetrics> metrics;
    ClientSampler* clients = nullptr;
  };

  void open_sockets(net::InheritedSockets& inherited);
  void open_family(const Endpoint& address, std::string_view name,
                   std::span<const sock_filter> steering, net::InheritedSockets& inherited);
  void choose_backend();
  void start(Worker& worker, process::Workers& threads);

  const UdpConfig config_;
  Snapshot<UdpHandlerOptions> handler_options_;
  Tracker& tracker_;
  StatusBoard& status_;
  const ConnectionIds connection_ids_;
  net::BackendChoice backend_;
  std::vector<Endpoint> addresses_;
  std::vector<Worker> workers_;
  UdpStatistics statistics_{std::chrono::steady_clock::now()};
};

}  // namespace aquatic::server
