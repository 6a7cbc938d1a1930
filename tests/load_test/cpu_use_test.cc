// SPDX-License-Identifier: Apache-2.0
#include "load_test/cpu_use.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <limits>

#include "load_test/datagram_batch.h"
#include "net/udp_socket.h"

namespace aquatic::load_test {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::uint32_t own_pid() { return static_cast<std::uint32_t>(getpid()); }

TEST(ThreadTimes, GrowWhileAThreadRuns) {
  const std::uint64_t before = read_thread_times(own_pid()).at(getpid()).running_ns;
  // Ends as soon as the kernel has charged the thread for its work.
  std::uint64_t after = before;
  while (after == before) after = read_thread_times(own_pid()).at(getpid()).running_ns;
  EXPECT_GT(after, before);
}

TEST(ThreadTimes, AreNoneWithoutAProcess) {
  EXPECT_TRUE(read_thread_times(std::numeric_limits<std::uint32_t>::max()).empty());
}

TEST(ResidentBytes, AreThoseOfTheProcess) {
  EXPECT_GT(read_resident_bytes(own_pid()), 1'000'000u);
  EXPECT_EQ(read_resident_bytes(std::numeric_limits<std::uint32_t>::max()), 0u);
}

TEST(CpuUse, IsWhatThreadsDidBetween) {
  const ThreadTimes earlier = {{1, {kSecond, 0}}, {2, {0, kSecond}}};
  const ThreadTimes later = {{1, {3 * kSecond, kSecond}}, {2, {kSecond, 4 * kSecond}}};
  const CpuUse use = use_between(earlier, later, 4);
  EXPECT_DOUBLE_EQ(use.running_s, 3);
  EXPECT_DOUBLE_EQ(use.busiest_running, 0.5);
  EXPECT_DOUBLE_EQ(use.busiest_ready, 1);  // The second ran one second and waited for three.
}

TEST(CpuUse, LeavesOutThreadsThatCameOrWent) {
  const ThreadTimes earlier = {{1, {5 * kSecond, 0}}};
  const ThreadTimes later = {{2, {9 * kSecond, 0}}};
  EXPECT_EQ(use_between(earlier, later, 1).running_s, 0);
}

TEST(UdpDrops, AreThoseOfThePort) {
  // A socket that never reads, with the smallest buffer there is, and one that floods it.
  auto groups = net::open_udp_groups(
      {.address = *Endpoint::parse("127.0.0.1:0"), .receive_buffer_bytes = 1, .steering = {}});
  const Endpoint busy = groups.back().address;
  const auto flood = open_connected_socket(busy, std::nullopt, 0);
  const std::array<std::byte, 1000> datagram{};
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(::send(flood.get(), datagram.data(), datagram.size(), 0), 1000);
  }
  const auto drops = net::kernel_drops(groups.back().sockets.front().receive.get());
  EXPECT_GT(drops, 0u);
  EXPECT_EQ(udp_drops_of_port(busy.port), drops);
}

}  // namespace
}  // namespace aquatic::load_test
