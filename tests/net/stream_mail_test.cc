// SPDX-License-Identifier: Apache-2.0
// What stream_server.h says of messages, and of the turns that time and stopping give a handler.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/stream_server.h"
#include "tests/net/stream_rig.h"

namespace aquatic::net {
namespace {

using std::chrono::milliseconds;
using test::TcpPeer;

constexpr std::size_t kMailboxBytes = 50'000'000;

// Worker 0 is the server's, worker 1 the test itself.
class StreamMailTest : public testing::Test {
 protected:
  StreamMailTest() {
    for (int i = 0; i < 2; ++i) mailboxes_.push_back(std::make_unique<Mailbox>(kMailboxBytes));
    own_.emplace(mailboxes_, 0);
    other_.emplace(mailboxes_, 1);
    StreamRig::Options options;
    options.outbox = &*own_;
    rig_.emplace(options);
  }
  // A connection that the handler knows, and its key.
  TcpPeer open(StreamKey& key) {
    TcpPeer peer = rig_->connect();
    EXPECT_EQ(rig_->ask(peer, "echo a\n", 1), "a\n");
    key = rig_->handler.streams.back();
    return peer;
  }
  void post_from_elsewhere(StreamKey key, std::string_view text) {
    other_->post(0, key, as_bytes(text));
    other_->flush();
  }

  std::vector<std::unique_ptr<Mailbox>> mailboxes_;
  std::optional<Outbox> own_;
  std::optional<Outbox> other_;
  std::optional<StreamRig> rig_;
};

TEST_F(StreamMailTest, MessagesReachTheirStream) {
  StreamKey first_key = 0;
  StreamKey second_key = 0;
  TcpPeer first = open(first_key);
  TcpPeer second = open(second_key);
  EXPECT_NE(first_key, second_key);
  post_from_elsewhere(second_key, "for you\n");
  EXPECT_EQ(rig_->ask(second, "", 1), "for you\n");
  own_->post(0, first_key, as_bytes("from a neighbour\n"));
  EXPECT_EQ(rig_->ask(first, "", 1), "from a neighbour\n");
  EXPECT_EQ(first.received(), "");
  EXPECT_EQ(second.received(), "");
  EXPECT_EQ(rig_->counters().delivered, 2u);
}

// A server that waits for something to happen has to be woken.
TEST_F(StreamMailTest, AMessageEndsAWait) {
  StreamKey key = 0;
  TcpPeer peer = open(key);
  rig_->serve_arrived(peer);
  post_from_elsewhere(key, "now\n");
  rig_->server->serve(milliseconds(60'000));
  EXPECT_TRUE(rig_->serve_until([&] { return peer.received() == "now\n"; }));
}

TEST_F(StreamMailTest, MessagesForAStreamThatIsGoneAreCounted) {
  StreamKey key = 0;
  TcpPeer peer = open(key);
  peer.close();
  EXPECT_TRUE(rig_->serve_until([&] { return rig_->counters().open == 0; }));
  StreamKey next_key = 0;
  TcpPeer next = open(next_key);  // In the same slot.
  post_from_elsewhere(key, "too late\n");
  EXPECT_TRUE(rig_->serve_until([&] { return rig_->counters().undelivered == 1; }));
  EXPECT_EQ(next.received(), "");
  EXPECT_EQ(rig_->counters().delivered, 0u);
}

// The handler sees the backlog in its output, and decides.
TEST_F(StreamMailTest, MessagesWaitBehindOutputThatIsNotTaken) {
  StreamKey key = 0;
  TcpPeer peer = open(key);
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 20; ++i) post_from_elsewhere(key, large + "\n");
  EXPECT_TRUE(rig_->serve_until([&] { return rig_->counters().delivered == 20; }));
  std::size_t received = 0;
  EXPECT_TRUE(rig_->serve_until([&] {
    received += peer.take_received().size();
    return received == 20 * (large.size() + 1);
  }));
}

TEST_F(StreamMailTest, MessagesDoNotDisturbAMessageThatIsNotWhole) {
  StreamKey key = 0;
  TcpPeer peer = open(key);
  peer.send("echo be");
  rig_->serve_arrived(peer);
  post_from_elsewhere(key, "meanwhile\n");
  EXPECT_EQ(rig_->ask(peer, "", 1), "meanwhile\n");
  EXPECT_EQ(rig_->ask(peer, "fore\n", 1), "before\n");
}

TEST_F(StreamMailTest, MessagesDoNotKeepAStreamFromBeingIdle) {
  StreamKey key = 0;
  TcpPeer peer = open(key);
  for (int i = 0; i < 4; ++i) {
    rig_->pass(StreamRig::kIdle / 4);
    post_from_elsewhere(key, "hello?\n");
    rig_->ask(peer, "", 1);
  }
  EXPECT_FALSE(peer.has_seen_end());
  rig_->pass(1);
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(rig_->timeouts(Wait::idle), 1u);
}

TEST_F(StreamMailTest, AHandlerMayAskAnIdlePeer) {
  rig_->handler.idle_word = "there?\n";
  StreamKey key = 0;
  TcpPeer peer = open(key);
  for (int i = 0; i < 3; ++i) {
    rig_->pass(StreamRig::kIdle + 1);
    EXPECT_EQ(rig_->ask(peer, "", 1), "there?\n");
    rig_->pass(StreamRig::kIdle);
    EXPECT_EQ(peer.received(), "") << "it is asked once in that time";
  }
  rig_->handler.idle_word.clear();
  rig_->pass(1);
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(rig_->timeouts(Wait::idle), 1u);
}

TEST_F(StreamMailTest, AHandlerHasALastWordWhenTheServerStops) {
  rig_->handler.stop_word = "bye\n";
  StreamKey key = 0;
  TcpPeer peer = open(key);
  TcpPeer silent = rig_->connect_and_serve();
  peer.send("echo last\n");
  rig_->server->drain(milliseconds(100));
  EXPECT_EQ(peer.take_received(), "last\nbye\n");
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(silent.received(), "") << "the handler has never heard of it";
}

TEST_F(StreamMailTest, NothingIsDeliveredAfterTheLastWord) {
  StreamKey key = 0;
  TcpPeer peer = open(key);
  EXPECT_EQ(rig_->ask(peer, "last word\nmore", 1), "word\n");  // It lingers now.
  post_from_elsewhere(key, "and this\n");
  EXPECT_TRUE(rig_->serve_until([&] { return rig_->counters().undelivered == 1; }));
  EXPECT_EQ(peer.received(), "");
}

}  // namespace
}  // namespace aquatic::net
