// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_worker.h"

#include <gtest/gtest.h>

#include "tests/support/memory_datagram_socket.h"

namespace aquatic::server {
namespace {

class FixedClock final : public Clock {
 public:
  Seconds now() const noexcept override { return 7; }
};

// Asks for the stop once everything that arrived was received, as if from another thread.
class StoppingSocket final : public net::DatagramSocket {
 public:
  explicit StoppingSocket(std::stop_source& stop) : stop_(stop) {}

  std::span<net::Datagram> receive(std::chrono::milliseconds timeout) noexcept override {
    const auto batch = memory.receive(timeout);
    if (memory.is_empty()) stop_.request_stop();
    return batch;
  }
  void send(std::span<net::Datagram> batch) noexcept override { memory.send(batch); }
  void flush() noexcept override { ++flush_count; }
  const net::DatagramCounters& counters() const noexcept override { return memory.counters(); }
  std::uint32_t kernel_drops() const noexcept override { return 0; }

  test::MemoryDatagramSocket memory;
  int flush_count = 0;

 private:
  std::stop_source& stop_;
};

TEST(UdpWorker, AnswersTheBatchAtHandBeforeItStops) {
  std::stop_source stop;
  StoppingSocket socket(stop);
  swarm::Swarm swarm(swarm::Options{});
  access_list::Holder access_list;
  UdpMetrics metrics;
  UdpHandler handler({}, swarm, access_list, ConnectionIds({}, 120, 0), 1, metrics);
  std::array<std::byte, udp::kConnectRequestBytes> datagram;
  udp::encode(udp::ConnectRequest{5}, datagram);
  constexpr std::size_t kDatagrams = 2 * net::kMaxBatch + 1;
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    socket.memory.push({IpAddress(), static_cast<std::uint16_t>(1 + i)}, datagram);
  }
  const Snapshot<UdpHandlerOptions> options(std::make_shared<UdpHandlerOptions>());
  run_udp_worker(socket, handler, options, FixedClock(), metrics, Timing::on,
                 process::WatchedToken(stop.get_token()));
  EXPECT_EQ(socket.memory.take_sent().size(), kDatagrams);
  EXPECT_EQ(socket.flush_count, 1);
  metrics::LatencyCounts latencies;
  metrics.latency.add_to(Action::connect, latencies);
  EXPECT_EQ(latencies.total(), kDatagrams);
}

}  // namespace
}  // namespace aquatic::server
