// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_worker.h"

namespace aquatic::server {
namespace {

// How long an idle worker takes to notice that it should stop.
constexpr std::chrono::milliseconds kStopCheckInterval{250};

}  // namespace

void run_udp_worker(net::DatagramSocket& socket, UdpHandler& handler, const Clock& clock,
                    const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::span<net::Datagram> batch = socket.receive(kStopCheckInterval);
    if (batch.empty()) continue;
    handler.handle(batch, clock.now());
    socket.send(batch);
  }
  socket.flush();
}

}  // namespace aquatic::server
