// SPDX-License-Identifier: Apache-2.0
// What only this backend does; the rest is the conformance suite's.
#include "net/mmsg_socket.h"

#include <gtest/gtest.h>

#include "tests/support/interval_timer.h"
#include "tests/support/udp_client.h"

namespace aquatic::net {
namespace {

using namespace std::chrono_literals;

UdpGroup open_group() {
  return std::move(
      open_udp_groups({.address = *Endpoint::parse("127.0.0.1:0"), .steering = {}}).front());
}

// A nap that nobody would wait for shows where there is none.
TEST(MmsgSocketTest, NapsOnlyBetweenAShortBatchAndAWait) {
  UdpGroup group = open_group();
  MmsgSocket socket(std::move(group.sockets.front()), {.nap = 1h});
  test::UdpClient client(group.address);

  for (std::size_t i = 0; i < kMaxBatch; ++i) client.send(test::pattern(1, i));
  EXPECT_EQ(socket.receive(10s).size(), kMaxBatch);
  client.send(test::pattern(1, 0));
  EXPECT_EQ(socket.receive(10s).size(), 1u);  // After a full batch.
  EXPECT_TRUE(socket.receive(0ms).empty());   // Not waiting.
  client.send(test::pattern(1, 0));
  EXPECT_EQ(socket.receive(10s).size(), 1u);  // After an idle time.

  client.send(test::pattern(1, 0));
  {
    const test::IntervalTimer timer;
    EXPECT_TRUE(socket.receive(1h).empty());  // In the nap, until a signal.
  }
  EXPECT_EQ(socket.receive(10s).size(), 1u);
}

TEST(MmsgSocketTest, CountsErrorsOfTheSocket) {
  MmsgSocket socket({}, {});
  EXPECT_TRUE(socket.receive(10s).empty());
  EXPECT_TRUE(socket.receive(0ms).empty());
  EXPECT_EQ(socket.counters().receive_errors, 2u);
}

}  // namespace
}  // namespace aquatic::net
