// SPDX-License-Identifier: Apache-2.0
#include "net/stream_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/net/stream_rig.h"

namespace aquatic::net {
namespace {

using std::chrono::milliseconds;
using test::TcpPeer;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;

std::string numbered_lines(std::string_view prefix, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += std::string(prefix) + std::to_string(i) + '\n';
  }
  return lines;
}

TEST(StreamServerTest, AnswersMessagesOnOneConnection) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "echo one\n", 1), "one\n");
  EXPECT_EQ(rig.ask(peer, "echo two\n", 1), "two\n");
  EXPECT_EQ(rig.ask(peer, "who\n", 1), peer.address().to_string() + " plain\n");
  EXPECT_EQ(rig.counters().accepted, 1u);
  EXPECT_EQ(rig.counters().open, 1u);
  EXPECT_EQ(rig.counters().received_bytes, 22u);
  EXPECT_EQ(rig.counters().sent_bytes, 8u + peer.address().to_string().size() + 7);
  EXPECT_EQ(rig.handler.events.size(), 3u) << "one turn a message";
}

TEST(StreamServerTest, ListensOnSeveralSockets) {
  StreamRig rig;
  TcpListeners others = open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  TcpListeners more = open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  std::vector<FileDescriptor> both;
  both.push_back(std::move(others.sockets[0]));
  both.push_back(std::move(more.sockets[0]));
  rig.server.emplace(StreamOptions{.limits = {1, 1, 1, 1, 1, 1}, .proxies = {}}, both, rig.budget,
                     nullptr, rig.clock, rig.handler);
  TcpPeer first(others.address);
  TcpPeer second(more.address);
  EXPECT_EQ(rig.ask(first, "echo 1\n", 1), "1\n");
  EXPECT_EQ(rig.ask(second, "echo 2\n", 1), "2\n");
}

TEST(StreamServerTest, MessagesArriveOneByteAtATime) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  for (const char c : std::string("echo slow")) {
    peer.send({&c, 1});
    rig.serve_arrived(peer);
    EXPECT_EQ(peer.received(), "");
  }
  EXPECT_EQ(rig.ask(peer, "\n", 1), "slow\n");
  EXPECT_EQ(rig.handler.input_bytes.back(), 10u) << "all that was left, and what is new";
}

TEST(StreamServerTest, AnswersAHundredPipelinedMessagesInOrder) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, numbered_lines("echo ", 100), 100), numbered_lines("", 100));
}

// What the handler has left must not wait for further bytes: the peer waits for answers.
TEST(StreamServerTest, AHandlerThatStopsEarlyIsCalledAgain) {
  StreamRig rig;
  rig.handler.max_outstanding_bytes = 0;  // Stops after each answer.
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, numbered_lines("echo ", 100) + "echo incompl", 100),
            numbered_lines("", 100));
  EXPECT_EQ(rig.ask(peer, "ete\n", 1), "incomplete\n");
}

TEST(StreamServerTest, OutputInPiecesComesWholeAndInOrder) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  const std::string answers = rig.ask(peer, "chunks 300\necho behind\n", 301);
  EXPECT_EQ(answers.size(), 300 * LineHandler::kChunkBytes + 7);
  EXPECT_TRUE(answers.ends_with("x\nbehind\n"));
}

TEST(StreamServerTest, AnAnswerLargerThanTheSocketTakes) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  peer.send("big 20000000\n");
  rig.serve_arrived(peer);
  EXPECT_LT(rig.counters().sent_bytes, 20'000'000u) << "the peer has received nothing yet";
  EXPECT_EQ(rig.ask(peer, "", 1).size(), 20'000'001u);
  EXPECT_EQ(rig.ask(peer, "echo next\n", 1), "next\n");
}

// A peer who sends and does not receive: neither answers nor questions may pile up here.
TEST(StreamServerTest, UnsentOutputStopsInput) {
  StreamRig::Options options;
  options.stream.max_output_bytes = 20'000;
  StreamRig rig(options);
  rig.handler.max_outstanding_bytes = 20'000;
  TcpPeer peer(rig.address, std::nullopt, 4'096);
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += "big 1000\n";
  std::size_t sent = 0;
  std::uint64_t handled = 0;
  do {  // Until the server has stopped.
    handled = rig.handler.message_count;
    sent += peer.send_some(as_bytes(lines).subspan(sent));
    for (int i = 0; i < 20; ++i) rig.server->serve(milliseconds(1));
  } while (rig.handler.message_count > handled);
  ASSERT_LT(rig.counters().received_bytes, lines.size()) << "nobody stopped us";
  const std::uint64_t in_kernel = rig.counters().sent_bytes;
  EXPECT_LE(1'001 * rig.handler.message_count - in_kernel, 2 * 20'000 + 1'001u);
  EXPECT_TRUE(rig.serve_until([&] {
    peer.take_received();
    sent += peer.send_some(as_bytes(lines).subspan(sent));
    return rig.handler.message_count == 100'000;
  }));
  EXPECT_EQ(rig.counters().resets, 0u);
}

// A stream with input without end gets its share of each round, no more.
TEST(StreamServerTest, NobodyStarves) {
  StreamRig rig;
  rig.handler.max_outstanding_bytes = 0;
  TcpPeer greedy = rig.connect_and_serve();
  TcpPeer modest = rig.connect_and_serve();
  greedy.send(numbered_lines("echo ", 1'000));
  rig.server->serve(milliseconds(1'000));
  modest.send("echo please\n");
  // With both in the same round, whoever is first.
  EXPECT_TRUE(rig.serve_until([&] { return modest.received() == "please\n"; }));
  EXPECT_LT(rig.handler.message_count, 1'000u);
  EXPECT_EQ(rig.ask(greedy, "", 1'000), numbered_lines("", 1'000));
}

TEST(StreamServerTest, AMessageLargerThanInputMayGetClosesTheStream) {
  StreamRig::Options options;
  options.stream.max_input_bytes = 100;
  StreamRig rig(options);
  TcpPeer peer = rig.connect();
  const std::string longest = "echo " + std::string(94, 'a');
  EXPECT_EQ(rig.ask(peer, longest + '\n', 1), std::string(94, 'a') + '\n');
  peer.send(std::string(99, 'a'));
  rig.serve_arrived(peer);
  EXPECT_FALSE(peer.has_seen_end());
  peer.send("a");
  EXPECT_TRUE(rig.serve_until([&] { return peer.has_seen_end(); }));
  EXPECT_EQ(rig.counters().input_overflows, 1u);
  EXPECT_THAT(rig.handler.input_bytes, Each(Le(100u)));
  EXPECT_THAT(rig.handler.forgotten, ElementsAre(1));
}

TEST(StreamServerTest, InputLongerThanATurnIsNoOverflow) {
  StreamRig::Options options;
  options.stream.max_input_bytes = 100;
  StreamRig rig(options);
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, numbered_lines("echo ", 500), 500), numbered_lines("", 500));
  EXPECT_EQ(rig.counters().input_overflows, 0u);
}

TEST(StreamServerTest, ClosesAfterTheLastAnswer) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "last word\n", 1), "word\n");
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_FALSE(peer.was_reset());
  EXPECT_EQ(rig.counters().open, 0u);
  EXPECT_THAT(rig.handler.forgotten, ElementsAre(1));
}

TEST(StreamServerTest, TheLastAnswerMayTakeItsTime) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  peer.send("big 20000000\nlast word\n");
  rig.serve_arrived(peer);
  EXPECT_EQ(rig.counters().open, 1u);
  const std::string answers = rig.ask(peer, "", 2);
  EXPECT_EQ(answers.size(), 20'000'006u);
  EXPECT_TRUE(answers.ends_with("\nword\n"));
  EXPECT_TRUE(rig.serve_until([&] { return peer.has_seen_end(); }));
}

// With input unread a close would be a reset, and a reset makes the peer forget the answer.
TEST(StreamServerTest, LastAnswerSurvivesInputThatNobodyReads) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  peer.send("last word\nmore, and more\n");
  rig.serve_arrived(peer);
  peer.send("yet more\n");
  rig.serve_arrived(peer);
  EXPECT_EQ(peer.take_received(), "word\n");
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_FALSE(peer.was_reset());
  EXPECT_EQ(rig.counters().open, 1u) << "waits for the peer to close";
  peer.close();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 0; }));
  EXPECT_EQ(rig.handler.message_count, 1u);
  EXPECT_EQ(rig.counters().resets, 0u);
}

TEST(StreamServerTest, APeerWhoGoesOnAfterTheLastAnswerIsCutOff) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  peer.send("last word\nmore");
  const std::string flood(64 * 1024, 'a');
  EXPECT_TRUE(rig.serve_until([&] {
    peer.send_some(as_bytes(flood));
    return rig.counters().accepted == 1 && rig.counters().open == 0;
  }));
  EXPECT_EQ(rig.handler.message_count, 1u);
}

TEST(StreamServerTest, APeerWhoEndsHisOutputGetsHisAnswers) {
  StreamRig rig;
  rig.handler.max_outstanding_bytes = 1'000'000;
  TcpPeer peer = rig.connect();
  peer.send("big 10000000\nchunks 20\necho end\n");
  peer.end_output();
  const std::string answers = rig.ask(peer, "", 22);
  EXPECT_EQ(answers.size(), 10'000'001 + 20 * LineHandler::kChunkBytes + 4);
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 0; }));
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(rig.counters().resets, 0u);
}

TEST(StreamServerTest, APeerWhoEndsInAMessageIsClosed) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  peer.send("echo never fini");
  peer.end_output();
  EXPECT_TRUE(rig.serve_until([&] { return peer.has_seen_end(); }));
  EXPECT_EQ(peer.received(), "");
  EXPECT_EQ(rig.counters().open, 0u);
}

TEST(StreamServerTest, AResetEndsAStream) {
  StreamRig rig;
  TcpPeer in_answer = rig.connect();
  TcpPeer idle = rig.connect();
  TcpPeer other = rig.connect();
  EXPECT_EQ(rig.ask(idle, "echo a\n", 1), "a\n");
  in_answer.send("big 20000000\n");
  rig.serve_arrived(in_answer);
  EXPECT_EQ(rig.counters().open, 3u);
  in_answer.reset();
  idle.reset();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 1; }));
  EXPECT_EQ(rig.counters().resets, 2u);
  EXPECT_EQ(rig.handler.forgotten.size(), 2u);
  EXPECT_EQ(rig.ask(other, "echo b\n", 1), "b\n");
}

TEST(StreamServerTest, SlotsAreUsedAgain) {
  StreamRig rig;
  for (int i = 0; i < 300; ++i) {
    TcpPeer first = rig.connect();
    TcpPeer second = rig.connect();
    EXPECT_EQ(rig.ask(first, "last a\n", 1), "a\n");
    EXPECT_EQ(rig.ask(second, "echo b\n", 1), "b\n");
    if (i % 2 == 0) second.reset();
  }
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 0; }));
  EXPECT_EQ(rig.counters().accepted, 600u);
  EXPECT_EQ(rig.handler.forgotten.size(), 600u);
  EXPECT_EQ(rig.budget.size(), 0u);
}

TEST(StreamServerTest, ClosesEverythingInTheEnd) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "echo a\n", 1), "a\n");
  rig.server.reset();
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_THAT(rig.handler.forgotten, ElementsAre(1));
  EXPECT_EQ(rig.budget.size(), 0u);
  EXPECT_THROW(rig.connect(), std::runtime_error);
}

TEST(StreamServerTest, DrainAnswersWhatHasArrivedAndClosesTheIdle) {
  StreamRig rig;
  TcpPeer idle = rig.connect();
  EXPECT_EQ(rig.ask(idle, "echo a\n", 1), "a\n");
  TcpPeer asking = rig.connect_and_serve();
  asking.send("echo b\n");
  TcpPeer waiting = rig.connect();  // Nobody has accepted it yet.
  waiting.send("echo c\n");
  ASSERT_TRUE(rig.serve_until([&] { return true; }));
  rig.server->drain(milliseconds(60'000));
  EXPECT_EQ(rig.counters().open, 0u);
  EXPECT_TRUE(idle.has_seen_end());
  EXPECT_EQ(asking.take_received(), "b\n");
  EXPECT_TRUE(asking.has_seen_end());
  EXPECT_EQ(waiting.take_received(), "c\n");
  EXPECT_TRUE(waiting.has_seen_end());
  EXPECT_THROW(rig.connect(), std::runtime_error);
}

// As the service manager has: whoever connects from then on waits for the next process.
TEST(StreamServerTest, DrainLeavesAListenerAloneThatSomebodyElseHasToo) {
  TcpListeners listeners = open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  const FileDescriptor other(dup(listeners.sockets[0].get()));
  StreamRig rig;
  rig.server.emplace(StreamOptions{.limits = {9, 9, 9, 9, 9}, .proxies = {}}, listeners.sockets,
                     rig.budget, nullptr, rig.clock, rig.handler);
  TcpPeer asking(listeners.address);
  asking.send("echo never fini");
  rig.server->drain(milliseconds(0));
  TcpPeer late(listeners.address);
  late.send("echo hello\n");
  rig.server->drain(milliseconds(20));
  EXPECT_EQ(rig.counters().accepted, 1u);
  rig.server.reset();
  EXPECT_FALSE(late.has_seen_end());
  EXPECT_TRUE(FileDescriptor(accept(other.get(), nullptr, nullptr)).is_open());
}

TEST(StreamServerTest, DrainGivesUpInTheEnd) {
  StreamRig rig;
  TcpPeer peer = rig.connect();
  peer.send("echo never fini");
  rig.serve_arrived(peer);
  rig.server->drain(milliseconds(20));
  EXPECT_EQ(rig.counters().open, 1u);
  rig.server.reset();
  EXPECT_TRUE(peer.has_seen_end());
}

}  // namespace
}  // namespace aquatic::net
