// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_worker.h"

namespace aquatic::server {
namespace {

// How long an idle worker takes to notice that it should stop.
constexpr std::chrono::milliseconds kStopCheckInterval{250};

void publish(const net::StreamCounters& counters, StreamMetrics& metrics) noexcept {
  using enum StreamMetric;
  const auto timeouts_of = [&counters](net::Wait wait) {
    return counters.timeouts[static_cast<std::size_t>(wait)];
  };
  metrics.set(accepted, counters.accepted);
  metrics.set(accept_failures, counters.accept_failures);
  metrics.set(refused, counters.refused);
  metrics.set(open, counters.open);
  metrics.set(received_bytes, counters.received_bytes);
  metrics.set(sent_bytes, counters.sent_bytes);
  metrics.set(handshakes, counters.handshakes);
  metrics.set(resumed_handshakes, counters.resumed_handshakes);
  metrics.set(failed_handshakes, counters.failed_handshakes);
  metrics.set(bad_proxy_headers, counters.bad_proxy_headers);
  metrics.set(input_overflows, counters.input_overflows);
  metrics.set(resets, counters.resets);
  metrics.set(delivered, counters.delivered);
  metrics.set(undelivered, counters.undelivered);
  metrics.set(handshake_timeouts, timeouts_of(net::Wait::handshake));
  metrics.set(message_timeouts, timeouts_of(net::Wait::message));
  metrics.set(idle_timeouts, timeouts_of(net::Wait::idle) + timeouts_of(net::Wait::attended));
  metrics.set(write_timeouts, timeouts_of(net::Wait::write));
}

}  // namespace

void run_stream_worker(net::StreamServer& server, const Snapshot<net::Deadlines::Limits>& limits,
                       StreamMetrics& metrics, const process::WatchedToken& stop) {
  SnapshotReader<net::Deadlines::Limits> limits_in_force(limits);
  while (!stop.stop_requested()) {
    if (const auto* fresh = limits_in_force.take_fresh()) server.set_limits(*fresh);
    server.serve(kStopCheckInterval);
    publish(server.counters(), metrics);
  }
  server.drain(kDrainLimit);
  publish(server.counters(), metrics);
}

}  // namespace aquatic::server
