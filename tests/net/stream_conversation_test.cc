// SPDX-License-Identifier: Apache-2.0
#include "net/stream_conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <string>

#include "tests/net/line_handler.h"
#include "tests/support/socket_pair.h"

namespace aquatic::net {
namespace {

using Next = StreamConversation::Next;

constexpr std::uint32_t kRead = EPOLLIN;
constexpr std::uint32_t kWrite = EPOLLOUT;

class StreamConversationTest : public testing::Test {
 protected:
  StreamConversationTest() : StreamConversationTest(test::make_socket_pair()) {}

  Next proceed() { return conversation_.proceed(stream_, 0); }
  std::uint32_t events() const { return conversation_.events_of(stream_); }
  void fill_socket() {
    const std::string much(1'000'000, '.');
    while (stream_.socket.send(as_bytes(much)).bytes > 0) {
    }
  }
  // Goes on until the socket takes no more or there is no more.
  void proceed_with_shares() {
    while (proceed() == Next::share) {
    }
  }

  LineHandler handler_;
  StreamConversation conversation_{{.max_input_bytes = 1'000, .max_output_bytes = 2'000}, handler_};
  Stream stream_;
  test::TcpPeer peer_;

 private:
  explicit StreamConversationTest(std::pair<FileDescriptor, test::TcpPeer> pair)
      : peer_(std::move(pair.second)) {
    stream_.socket = StreamSocket(std::move(pair.first));
  }
};

TEST_F(StreamConversationTest, AnswersAndWaitsForMore) {
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(events(), kRead);
  peer_.send("echo a\n");
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(events(), kRead);
  EXPECT_EQ(peer_.received(), "a\n");
  EXPECT_EQ(conversation_.counters().received_bytes, 7u);
  EXPECT_EQ(conversation_.counters().sent_bytes, 2u);
}

TEST_F(StreamConversationTest, AStreamGetsNoMoreThanItsShare) {
  handler_.max_outstanding_bytes = 0;
  for (int i = 0; i < 10; ++i) peer_.send("echo a\n");
  EXPECT_EQ(proceed(), Next::share);
  EXPECT_EQ(events(), kRead);
  const std::size_t share = handler_.message_count;
  EXPECT_LT(share, 10u);
  EXPECT_EQ(proceed(), Next::share);
  EXPECT_EQ(handler_.message_count, 2 * share);
}

TEST_F(StreamConversationTest, ALittleUnsentOutputLeavesInputAlone) {
  fill_socket();
  peer_.send("echo a\n");
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(events(), kRead | kWrite);
  peer_.send("echo b\n");
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(handler_.message_count, 2u);
  peer_.received();
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(events(), kRead);
  EXPECT_TRUE(peer_.received().ends_with("a\nb\n"));
}

TEST_F(StreamConversationTest, MuchUnsentOutputStopsInput) {
  fill_socket();
  peer_.send("big 2001\n");
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(events(), kWrite);
  peer_.send("echo b\n");
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(handler_.message_count, 1u);
  peer_.received();
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(events(), kRead);
  EXPECT_TRUE(peer_.received().ends_with("x\nb\n"));
}

TEST_F(StreamConversationTest, WithAnythingUnsentNoTurnIsTakenThatWasPutOff) {
  handler_.max_outstanding_bytes = 0;
  peer_.send("big 400000\necho b\n");
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(handler_.message_count, 1u);
  EXPECT_EQ(proceed(), Next::event) << "no turn, since nothing has left";
  EXPECT_EQ(handler_.events.size(), 1u);
  while (handler_.message_count == 1) {
    peer_.received();
    proceed();
  }
  EXPECT_TRUE(peer_.received().ends_with("x\nb\n"));
}

TEST_F(StreamConversationTest, OutputInPiecesTakesSeveralShares) {
  peer_.send("chunks 30\necho a\n");
  EXPECT_EQ(proceed(), Next::share);
  for (int i = 0; i < 30 && !peer_.received().ends_with("a\n"); ++i) proceed_with_shares();
  EXPECT_EQ(peer_.received().size(), 30 * LineHandler::kChunkBytes + 2);
}

TEST_F(StreamConversationTest, SaysWhenTheLastWordIsSent) {
  peer_.send("last word\n");
  EXPECT_EQ(proceed(), Next::finish);
  EXPECT_FALSE(stream_.has_unread);
  EXPECT_EQ(peer_.received(), "word\n");
}

TEST_F(StreamConversationTest, TheLastWordAfterATimeout) {
  peer_.send("echo");
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(conversation_.time_out(stream_, 0), Next::finish);
  EXPECT_EQ(peer_.received(), "timeout\n");
  EXPECT_TRUE(stream_.has_unread);
}

TEST_F(StreamConversationTest, AnswersAPeerWhoHasEndedHisOutput) {
  peer_.send("echo a\n");
  peer_.end_output();
  EXPECT_EQ(proceed(), Next::event);
  EXPECT_EQ(proceed(), Next::close);
  EXPECT_EQ(peer_.received(), "a\n");
}

TEST_F(StreamConversationTest, SaysWhenAStreamIsFullOrBroken) {
  peer_.send(std::string(1'000, 'a'));
  EXPECT_EQ(proceed(), Next::full);
  auto [fd, peer] = test::make_socket_pair();
  Stream other;
  other.socket = StreamSocket(std::move(fd));
  peer.send("echo a\n");
  peer.close();
  EXPECT_EQ(conversation_.proceed(other, 0), Next::broken);
}

TEST_F(StreamConversationTest, RefusesWhoeverHasSpokenAlready) {
  peer_.send("echo a\n");
  conversation_.refuse(stream_.socket, {}, 0);
  stream_.socket.close();
  EXPECT_EQ(peer_.take_received(), "refused\n");
  EXPECT_TRUE(peer_.has_seen_end());
  EXPECT_FALSE(peer_.was_reset());
}

}  // namespace
}  // namespace aquatic::net
