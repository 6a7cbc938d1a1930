// SPDX-License-Identifier: Apache-2.0
// What only this backend does; the rest is the conformance suite's.
#include "net/uring_socket.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/datagram_backends.h"
#include "tests/support/udp_client.h"

namespace aquatic::net {
namespace {

using namespace std::chrono_literals;
using test::pattern;

class UringSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto& uring = *std::ranges::find(datagram_backends(), "io_uring", &DatagramBackend::name);
    if (const auto works = uring.probe(); !works) GTEST_SKIP() << works.error();
    group_ = std::move(open_udp_groups({.address = *Endpoint::parse("127.0.0.1:0"),
                                        .receive_buffer_bytes = 4'000'000,
                                        .steering = {}})
                           .front());
  }

  UdpGroup group_;
};

// What an operator may configure is rounded to what the kernel takes.
TEST_F(UringSocketTest, TakesAnyRingSize) {
  for (const std::uint32_t size : {0u, 1u, 127u, 129u, 5000u, 32'768u, 65'535u, UINT32_MAX}) {
    UdpOptions options{.address = *Endpoint::parse("127.0.0.1:0"), .steering = {}};
    UdpGroup group = std::move(open_udp_groups(options).front());
    UringSocket socket(std::move(group.sockets.front()), {.ring_size = size});
    test::UdpClient client(group.address);
    client.send(pattern(5, size));
    EXPECT_EQ(socket.receive(10s).size(), 1u) << size;
  }
}

// Nothing is received while the caller holds a batch: it stays as it is, however much arrives.
TEST_F(UringSocketTest, ABatchStaysUntilTheNextIsAskedFor) {
  UringSocket socket(std::move(group_.sockets.front()), {.nap = 0us, .ring_size = 1});
  test::UdpClient client(group_.address);
  client.send(pattern(100, 7));
  const std::span<Datagram> batch = socket.receive(10s);
  ASSERT_EQ(batch.size(), 1u);
  for (std::size_t i = 0; i < 300; ++i) client.send(pattern(100, i + 1000));
  batch[0].response_bytes = 0;
  socket.send(batch);
  socket.flush();
  EXPECT_TRUE(std::ranges::equal(batch[0].payload, pattern(100, 7)));
  EXPECT_EQ(batch[0].source, client.address());
}

TEST_F(UringSocketTest, CountsErrorsOfTheSocket) {
  UringSocket socket({}, {.nap = 0us});
  EXPECT_TRUE(socket.receive(10s).empty());
  EXPECT_TRUE(socket.receive(10s).empty());
  EXPECT_EQ(socket.counters().receive_errors, 2u);
}

// A response that was not flushed is dropped with the socket, and touches nothing any more.
TEST_F(UringSocketTest, MayBeDestroyedWithWorkInHand) {
  test::UdpClient client(group_.address);
  {
    UringSocket socket(std::move(group_.sockets.front()), {.nap = 0us, .ring_size = 1});
    for (std::size_t i = 0; i < 200; ++i) client.send(pattern(100, i));
    const std::span<Datagram> batch = socket.receive(10s);
    ASSERT_FALSE(batch.empty());
    for (Datagram& datagram : batch) datagram.response_bytes = 1;
    socket.send(batch);
  }
  // The port is closed, so the kernel refuses; nothing was answered before.
  client.send(pattern(1, 1));
  EXPECT_EQ(client.receive(), std::nullopt);
}

}  // namespace
}  // namespace aquatic::net
