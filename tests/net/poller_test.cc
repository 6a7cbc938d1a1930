// SPDX-License-Identifier: Apache-2.0
#include "net/poller.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/interval_timer.h"
#include "tests/support/socket_pair.h"

namespace aquatic::net {
namespace {

using namespace std::chrono_literals;

TEST(PollerTest, TellsWhatIsReadyAndGoesOnTelling) {
  Poller poller;
  auto [fd, peer] = test::make_socket_pair();
  ASSERT_TRUE(poller.add(fd.get(), EPOLLIN, 0x1234'5678'9abc'def0));
  EXPECT_TRUE(poller.wait(0ms).empty());
  peer.send("a");
  for (int i = 0; i < 2; ++i) {
    const auto events = poller.wait(10s);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].data.u64, 0x1234'5678'9abc'def0);
    EXPECT_EQ(events[0].events, EPOLLIN);
  }
  poller.change(fd.get(), EPOLLOUT, 5);
  const auto events = poller.wait(10s);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].data.u64, 5u);
  EXPECT_EQ(events[0].events, EPOLLOUT);
}

TEST(PollerTest, ForgetsWhatIsClosed) {
  Poller poller;
  auto [fd, peer] = test::make_socket_pair();
  ASSERT_TRUE(poller.add(fd.get(), EPOLLIN, 1));
  peer.send("a");
  fd.reset();
  EXPECT_TRUE(poller.wait(0ms).empty());
}

TEST(PollerTest, ForgetsWhatIsRemoved) {
  Poller poller;
  auto [fd, peer] = test::make_socket_pair();
  ASSERT_TRUE(poller.add(fd.get(), EPOLLIN, 1));
  const FileDescriptor other(dup(fd.get()));
  peer.send("a");
  poller.remove(fd.get());
  poller.remove(fd.get());
  EXPECT_TRUE(poller.wait(0ms).empty());
  ASSERT_TRUE(poller.add(fd.get(), EPOLLIN, 1));
  EXPECT_EQ(poller.wait(10s).size(), 1u);
}

TEST(PollerTest, RefusesWhatIsNoSocket) { EXPECT_FALSE(Poller().add(-1, EPOLLIN, 1)); }

TEST(PollerTest, ASignalEndsAWait) {
  Poller poller;
  const test::IntervalTimer timer;
  EXPECT_TRUE(poller.wait(1h).empty());
}

}  // namespace
}  // namespace aquatic::net
