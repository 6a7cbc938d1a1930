// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_worker.h"

#include "base/monotonic_clock.h"
#include "server/udp/udp_figures.h"

namespace aquatic::server {
namespace {

// How long an idle worker takes to notice that it should stop.
constexpr std::chrono::milliseconds kStopCheckInterval{250};

void publish(const net::DatagramSocket& socket, UdpMetrics& metrics) noexcept {
  using enum UdpSocketMetric;
  const net::DatagramCounters& counters = socket.counters();
  if (metrics.counts_kernel_drops) metrics.socket.set(kernel_drops, socket.kernel_drops());
  metrics.socket.set(truncated, counters.dropped_truncated);
  metrics.socket.set(port_zero, counters.dropped_port_zero);
  metrics.socket.set(receive_errors, counters.receive_errors);
  metrics.socket.set(send_errors, counters.send_errors);
}

}  // namespace

void run_udp_worker(net::DatagramSocket& socket, UdpHandler& handler,
                    const Snapshot<UdpHandlerOptions>& options, const Clock& clock,
                    UdpMetrics& metrics, Timing timing, const process::WatchedToken& stop) {
  const auto answer = [&](std::span<net::Datagram> batch, Seconds now) {
    handler.handle(batch, now);
    socket.send(batch);
  };
  SnapshotReader<UdpHandlerOptions> options_in_force(options);
  Seconds published_at = clock.now();
  while (!stop.stop_requested()) {
    const std::span<net::Datagram> batch = socket.receive(kStopCheckInterval);
    const Seconds now = clock.now();
    if (now != published_at) {
      publish(socket, metrics);
      published_at = now;
    }
    if (batch.empty()) continue;
    if (const auto* fresh = options_in_force.take_fresh()) handler.set_options(*fresh);
    if (timing == Timing::off) {
      answer(batch, now);
      continue;
    }
    const ActionCounts before = responses_of(metrics);
    const std::uint64_t since_ns = monotonic_ns();
    answer(batch, now);
    metrics.latency.record(before, responses_of(metrics), monotonic_ns() - since_ns);
  }
  socket.flush();
  publish(socket, metrics);
}

}  // namespace aquatic::server
