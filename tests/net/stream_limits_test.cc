// SPDX-License-Identifier: Apache-2.0
// The limits of stream_server.h in time and in number, and what happens at each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/stream_server.h"
#include "tests/net/stream_rig.h"
#include "tests/support/file_limit.h"

namespace aquatic::net {
namespace {

using std::chrono::milliseconds;
using test::TcpPeer;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(StreamLimitsTest, AConnectionThatSaysNothingIsClosed) {
  StreamRig rig;
  TcpPeer peer = rig.connect_and_serve();
  rig.pass(StreamRig::kMessage);
  EXPECT_FALSE(peer.has_seen_end());
  rig.pass(1);
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(rig.timeouts(Wait::message), 1u);
  EXPECT_EQ(rig.counters().open, 0u);
  EXPECT_THAT(rig.handler.events, IsEmpty());
  EXPECT_THAT(rig.handler.forgotten, IsEmpty());
}

// However often a byte comes.
TEST(StreamLimitsTest, AMessageHasToBeWholeInTime) {
  StreamRig rig;
  TcpPeer peer = rig.connect_and_serve();
  for (Seconds i = 0; i < StreamRig::kMessage; ++i) {
    peer.send("e");
    rig.serve_arrived(peer);
    rig.pass(1);
  }
  EXPECT_FALSE(peer.has_seen_end());
  rig.pass(1);
  EXPECT_EQ(peer.received(), "timeout\n");
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(rig.timeouts(Wait::message), 1u);
  EXPECT_EQ(rig.handler.events.back(), StreamEvent::timeout);
  peer.close();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 0; }));
}

TEST(StreamLimitsTest, EachMessageHasTheWholeTime) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "echo a\nec", 1), "a\n");
  for (int i = 0; i < 5; ++i) {
    rig.pass(StreamRig::kMessage);
    EXPECT_EQ(rig.ask(peer, "ho b\nec", 1), "b\n");
  }
  rig.pass(StreamRig::kMessage + 1);
  EXPECT_EQ(peer.received(), "timeout\n");
}

TEST(StreamLimitsTest, AnIdleStreamIsClosed) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "echo a\n", 1), "a\n");
  rig.pass(StreamRig::kIdle);
  EXPECT_EQ(rig.ask(peer, "echo b\n", 1), "b\n") << "the idle time begins again";
  rig.pass(StreamRig::kIdle);
  EXPECT_FALSE(peer.has_seen_end());
  rig.pass(1);
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(peer.received(), "");
  EXPECT_FALSE(peer.was_reset());
  EXPECT_EQ(rig.timeouts(Wait::idle), 1u);
  EXPECT_THAT(rig.handler.forgotten, ElementsAre(1));
}

TEST(StreamLimitsTest, AStreamThatIsLookedAfterIsIdleSooner) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "attend a\n", 1), "a\n");
  rig.pass(StreamRig::kAttended);
  EXPECT_EQ(rig.ask(peer, "echo b\n", 1), "b\n") << "and it stays so";
  rig.pass(StreamRig::kAttended);
  EXPECT_FALSE(peer.has_seen_end());
  rig.pass(1);
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(rig.timeouts(Wait::attended), 1u);
  EXPECT_EQ(rig.timeouts(Wait::idle), 0u);
}

TEST(StreamLimitsTest, APeerWhoDoesNotReceiveIsReset) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  peer.send("big 20000000\n");
  rig.serve_arrived(peer);
  rig.pass(StreamRig::kWrite);
  EXPECT_EQ(rig.counters().open, 1u);
  rig.pass(1);
  EXPECT_EQ(rig.counters().open, 0u);
  EXPECT_EQ(rig.timeouts(Wait::write), 1u);
  EXPECT_TRUE(peer.was_reset()) << "or the kernel would keep megabytes for him";
}

// Output never runs out, but everything leaves in time.
TEST(StreamLimitsTest, APeerWhoReceivesSlowlyIsServed) {
  StreamRig rig;
  TcpPeer peer(rig.address, std::nullopt, 4'096);
  std::size_t received = 0;
  for (int i = 0; i < 10; ++i) {
    peer.send("big 5000000\n");
    rig.serve_arrived(peer);
    ASSERT_TRUE(rig.serve_until([&] {
      received += peer.take_received().size();
      return received > 5'000'001u * static_cast<unsigned>(i);
    }));
    rig.pass(StreamRig::kWrite - 1);
    EXPECT_EQ(rig.counters().open, 1u);
  }
  EXPECT_TRUE(rig.serve_until([&] {
    received += peer.take_received().size();
    return received == 50'000'010;
  }));
}

TEST(StreamLimitsTest, APeerWhoNeverClosesDoesNotLingerForEver) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "last word\nmore", 1), "word\n");
  rig.pass(StreamRig::kLinger);
  EXPECT_EQ(rig.counters().open, 1u);
  rig.pass(1);
  EXPECT_EQ(rig.counters().open, 0u);
  EXPECT_EQ(rig.timeouts(Wait::linger), 1u);
  EXPECT_THAT(rig.handler.forgotten, ElementsAre(1));
}

TEST(StreamLimitsTest, ManyMayBeDueAtOnce) {
  StreamRig rig;
  std::vector<TcpPeer> peers;
  for (int i = 0; i < 50; ++i) peers.push_back(rig.connect_and_serve());
  rig.pass(StreamRig::kMessage + 1);
  EXPECT_EQ(rig.timeouts(Wait::message), 50u);
  EXPECT_EQ(rig.budget.size(), 0u);
}

TEST(StreamLimitsTest, ConnectionsBeyondTheLimitAreToldSo) {
  StreamRig::Options options;
  options.max_connections = 2;
  StreamRig rig(options);
  TcpPeer first = rig.connect_and_serve();
  TcpPeer second = rig.connect_and_serve();
  TcpPeer third = rig.connect();
  third.send("echo hello?\n");
  EXPECT_EQ(rig.ask(third, "", 1), "refused\n");
  EXPECT_TRUE(third.has_seen_end());
  EXPECT_EQ(rig.counters().refused, 1u);
  EXPECT_EQ(rig.counters().open, 2u);
  EXPECT_THAT(rig.handler.forgotten, IsEmpty());
  first.close();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 1; }));
  TcpPeer fourth = rig.connect();
  EXPECT_EQ(rig.ask(fourth, "echo hello\n", 1), "hello\n");
}

// Closed at once, a connection on which a request arrives meanwhile would be reset, and the refusal
// lost.
TEST(StreamLimitsTest, TheRefusedAreKeptUntilTheyHaveReadItButNotACrowdOfThem) {
  constexpr std::size_t kRefused = 200;
  constexpr std::size_t kMaxKept = StreamServer::kMaxFarewells;
  StreamRig::Options options;
  options.max_connections = 1;
  StreamRig rig(options);
  TcpPeer served = rig.connect_and_serve();
  std::vector<TcpPeer> crowd;
  for (std::size_t i = 0; i < kRefused; ++i) crowd.push_back(rig.connect());
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().refused == kRefused; }));
  for (TcpPeer& peer : crowd) {
    EXPECT_TRUE(rig.serve_until([&] { return peer.has_seen_end(); }));
    EXPECT_EQ(peer.received(), "refused\n");
    EXPECT_FALSE(peer.was_reset());
  }
  EXPECT_EQ(rig.counters().open, 1u);
  crowd.front().send("echo a\n");
  rig.serve_arrived(crowd.front());
  crowd.front().close();
  rig.pass(StreamRig::kLinger + 1);
  EXPECT_EQ(rig.timeouts(Wait::linger), kMaxKept - 1);
  TcpPeer late = rig.connect();
  EXPECT_EQ(rig.ask(late, "", 1), "refused\n");
  rig.pass(StreamRig::kLinger + 1);
  EXPECT_EQ(rig.timeouts(Wait::linger), kMaxKept);
}

TEST(StreamLimitsTest, TheRefusedHoldUpNoStop) {
  StreamRig::Options options;
  options.max_connections = 1;
  StreamRig rig(options);
  TcpPeer served = rig.connect_and_serve();
  TcpPeer refused = rig.connect();
  EXPECT_EQ(rig.ask(refused, "", 1), "refused\n");
  EXPECT_EQ(rig.ask(served, "echo a\n", 1), "a\n");
  // No time passes for the server, so that nobody's deadline would end this.
  rig.server->drain(std::chrono::hours(1));
  EXPECT_TRUE(served.has_seen_end());
}

TEST(StreamLimitsTest, EachAddressHasItsShare) {
  StreamRig::Options options;
  options.max_per_ip = 1;
  StreamRig rig(options);
  TcpPeer first = rig.connect_and_serve();
  TcpPeer second = rig.connect();
  EXPECT_EQ(rig.ask(second, "", 1), "refused\n");
  TcpPeer other(rig.address, *IpAddress::parse("127.0.0.2"));
  EXPECT_EQ(rig.ask(other, "echo hello\n", 1), "hello\n");
  EXPECT_EQ(rig.budget.size(), 2u);
  first.close();
  EXPECT_TRUE(rig.serve_until([&] { return rig.budget.size() == 1; }));
}

TEST(StreamLimitsTest, WithoutDescriptorsConnectionsWait) {
  StreamRig rig;
  TcpPeer first = rig.connect();
  EXPECT_EQ(rig.ask(first, "echo a\n", 1), "a\n");
  TcpPeer second = rig.connect();
  second.send("echo b\n");
  {
    const test::FileLimit limit;
    EXPECT_TRUE(rig.serve_until([&] { return rig.counters().accept_failures > 0; }));
    EXPECT_EQ(rig.ask(first, "echo c\n", 1), "c\n") << "others are served";
    rig.serve_arrived(first);
    EXPECT_EQ(rig.counters().accept_failures, 1u) << "tries once a second";
    rig.pass(1);
    rig.serve_arrived(first);
    EXPECT_EQ(rig.counters().accept_failures, 2u);
  }
  rig.pass(1);
  EXPECT_EQ(rig.ask(second, "", 1), "b\n");
}

TEST(StreamLimitsTest, AClosedStreamMakesRoomForAConnectionThatWaits) {
  StreamRig rig;
  TcpPeer first = rig.connect();
  // Before descriptors run out: UBSan needs some when it sees a virtual call for the first time.
  EXPECT_EQ(rig.ask(first, "echo a\n", 1), "a\n");
  TcpPeer second = rig.connect();
  second.send("echo b\n");
  const test::FileLimit limit;
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().accept_failures > 0; }));
  EXPECT_EQ(rig.ask(first, "last c\n", 1), "c\n");
  EXPECT_EQ(rig.ask(second, "", 1), "b\n") << "without any time passing";
}

}  // namespace
}  // namespace aquatic::net
