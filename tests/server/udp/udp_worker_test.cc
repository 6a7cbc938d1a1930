// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_worker.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <variant>

#include "protocol/udp/response.h"
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
  void send(std::span<net::Datagram> batch) noexcept override {
    memory.send(batch);
    on_sent();
  }
  void flush() noexcept override { ++flush_count; }
  const net::DatagramCounters& counters() const noexcept override { return memory.counters(); }
  std::uint32_t kernel_drops() const noexcept override { return 0; }

  test::MemoryDatagramSocket memory;
  int flush_count = 0;
  std::function<void()> on_sent = [] {};

 private:
  std::stop_source& stop_;
};

std::vector<std::byte> announce_of(const Endpoint& peer, const ConnectionIds& ids) {
  udp::AnnounceRequest request;
  request.connection_id = ids.issue(peer.ip);
  request.port = peer.port;
  std::vector<std::byte> datagram(udp::kAnnounceRequestBytes);
  udp::encode(request, datagram);
  return datagram;
}

std::vector<std::uint32_t> intervals_of(const std::vector<test::MemoryDatagram>& responses) {
  std::vector<std::uint32_t> intervals;
  for (const auto& response : responses) {
    const auto decoded = udp::decode_response(response.payload, Family::ipv4);
    intervals.push_back(std::get<udp::AnnounceResponse>(decoded.value()).interval_s);
  }
  return intervals;
}

// Within the second, too: whoever has asked for a reload is told when it is done.
TEST(UdpWorker, TheNextBatchIsAnsweredWithTheOptionsInForce) {
  std::stop_source stop;
  StoppingSocket socket(stop);
  swarm::Swarm swarm(swarm::Options{});
  access_list::Holder access_list;
  UdpMetrics metrics;
  const ConnectionIds ids({}, 120, 0);
  Snapshot<UdpHandlerOptions> options(std::make_shared<UdpHandlerOptions>());
  UdpHandler handler(*options.current(), swarm, access_list, ids, 1, metrics);
  for (std::size_t i = 0; i < net::kMaxBatch + 1; ++i) {
    const Endpoint peer{*IpAddress::parse("127.0.0.1"), static_cast<std::uint16_t>(1 + i)};
    socket.memory.push(peer, announce_of(peer, ids));
  }
  socket.on_sent = [&] {
    options.replace(
        std::make_shared<UdpHandlerOptions>(UdpHandlerOptions{.announce_interval_s = 1111}));
  };
  run_udp_worker(socket, handler, options, FixedClock(), metrics, Timing::off,
                 process::WatchedToken(stop.get_token()));
  std::vector<std::uint32_t> expected(net::kMaxBatch, 900);
  expected.push_back(1111);
  EXPECT_EQ(intervals_of(socket.memory.take_sent()), expected);
}

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
