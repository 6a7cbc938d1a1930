// SPDX-License-Identifier: Apache-2.0
// The part of a tracker that serves the status pages and metrics on an address of their own, with
// one worker.
//
// Control plane.
#pragma once
#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/endpoint.h"
#include "server/service.h"
#include "server/status/status_publisher.h"
#include "server/stream/stream_service.h"

namespace aquatic::server {

class StatusService final : public Service {
 public:
  // Opens the socket. Throws std::runtime_error if it cannot be.
  StatusService(const Endpoint& address, const Clock& clock, StatusPublisher& publisher,
                net::InheritedSockets& sockets);

  void start(process::Workers& threads) override;
  std::string urls() const override;
  // What it does itself is not the tracker's work.
  void collect(Figures&) const override {}
  std::string report(std::chrono::steady_clock::time_point) override { return {}; }

 private:
  const Clock& clock_;
  StatusPublisher& publisher_;
  StreamService streams_;
};

}  // namespace aquatic::server
