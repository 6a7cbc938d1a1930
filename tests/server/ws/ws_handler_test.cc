// SPDX-License-Identifier: Apache-2.0
// Frames, and how connections end. What messages do is tested with WsResponder.
#include "server/ws/ws_handler.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/ws/frame.h"
#include "tests/support/ws/ws_rig.h"

namespace aquatic::server {
namespace {

using net::StreamEvent;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using ws::CloseCode;

constexpr ws::MaskingKey kKey = 0x01020304;
constexpr std::string_view kAnnounce =
    R"({"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaaa","peer_id":"bbbbbbbbbbbbbbbbbbbb"})";

std::string frame(ws::Opcode opcode, std::string_view payload, bool is_final = true,
                  std::optional<ws::MaskingKey> key = kKey) {
  ByteBuffer out;
  ws::encode_frame(opcode, as_bytes(payload), out, key, is_final);
  return std::string(out.text());
}

std::string close_frame(CloseCode code) {
  ByteBuffer out;
  ws::encode_close(code, "", out, kKey);
  return std::string(out.text());
}

std::uint16_t number(CloseCode code) { return static_cast<std::uint16_t>(code); }

class WsHandlerTest : public testing::Test {
 protected:
  WsRig rig_;
  WsPeer& peer_ = rig_.connect();
};

TEST_F(WsHandlerTest, TakesMessagesHoweverTheyComeInPieces) {
  const std::string bytes = frame(ws::Opcode::text, kAnnounce.substr(0, 10), false) +
                            frame(ws::Opcode::ping, "there?") +
                            frame(ws::Opcode::continuation, kAnnounce.substr(10));
  for (const char byte : bytes) rig_.send(peer_, {&byte, 1});
  EXPECT_THAT(peer_.take(), ElementsAre(HasSubstr(R"("incomplete":1)")));
  EXPECT_THAT(peer_.pongs, ElementsAre("there?"));
  rig_.send(peer_, frame(ws::Opcode::binary, kAnnounce) + frame(ws::Opcode::text, kAnnounce));
  EXPECT_THAT(peer_.take(), SizeIs(2));
}

TEST_F(WsHandlerTest, ReturnsAClose) {
  rig_.send(peer_, close_frame(CloseCode::going_away) + frame(ws::Opcode::text, kAnnounce));
  EXPECT_EQ(peer_.close_code, number(CloseCode::going_away));
  EXPECT_TRUE(peer_.is_closed);
  EXPECT_THAT(peer_.messages, IsEmpty()) << "nothing counts after a close";
  WsPeer& other = rig_.connect();
  rig_.send(other, frame(ws::Opcode::close, ""));
  EXPECT_EQ(other.close_code, 0);
}

TEST_F(WsHandlerTest, ClosesForWhatTheProtocolForbids) {
  const auto close_code_for = [this](std::string_view bytes) {
    WsPeer& peer = rig_.connect();
    rig_.send(peer, bytes);
    EXPECT_TRUE(peer.is_closed);
    return peer.close_code;
  };
  EXPECT_EQ(close_code_for(frame(ws::Opcode::text, "x", true, std::nullopt)),
            number(CloseCode::protocol_error));
  EXPECT_EQ(close_code_for(frame(ws::Opcode::continuation, "x")),
            number(CloseCode::protocol_error));
  EXPECT_EQ(close_code_for(frame(ws::Opcode::text, "\xff")), number(CloseCode::invalid_text));
  EXPECT_EQ(close_code_for(frame(ws::Opcode::text, std::string(64 * 1024 + 1, ' '))),
            number(CloseCode::too_large));
  EXPECT_EQ(rig_.count(WsMetric::frame_errors), 4u);
}

TEST_F(WsHandlerTest, BadMessagesHaveABudget) {
  WsRig rig({.max_bad_messages = 3});
  WsPeer& peer = rig.connect();
  for (int i = 0; i < 3; ++i) rig.say(peer, "nonsense");
  EXPECT_FALSE(peer.is_closed);
  rig.say(peer, kAnnounce);
  rig.say(peer, "nonsense");
  EXPECT_EQ(peer.close_code, number(CloseCode::policy_violation));
  EXPECT_EQ(rig.count(WsMetric::bad_message_closes), 1u);
  EXPECT_THAT(peer.messages, SizeIs(5)) << "all were answered";
}

TEST_F(WsHandlerTest, AsksSilentPeersAndClosesDeadOnes) {
  rig_.take_turn(peer_, StreamEvent::idle);
  EXPECT_THAT(peer_.pings, SizeIs(1));
  rig_.send(peer_, frame(ws::Opcode::pong, ""));
  rig_.take_turn(peer_, StreamEvent::idle);
  EXPECT_THAT(peer_.pings, SizeIs(2));
  EXPECT_FALSE(peer_.is_closed);
  rig_.take_turn(peer_, StreamEvent::idle);
  EXPECT_TRUE(peer_.is_closed);
  EXPECT_EQ(rig_.count(WsMetric::dead_peers), 1u);
}

TEST_F(WsHandlerTest, ClosesConnectionsWithoutRequests) {
  rig_.now += 180;
  rig_.take_turn(peer_, StreamEvent::idle);
  rig_.send(peer_, frame(ws::Opcode::pong, ""));
  EXPECT_FALSE(peer_.is_closed);
  rig_.now += 1;
  rig_.take_turn(peer_, StreamEvent::idle);
  EXPECT_EQ(peer_.close_code, number(CloseCode::normal));
  WsPeer& other = rig_.connect();
  rig_.now += 180;
  rig_.say(other, kAnnounce);
  rig_.now += 180;
  rig_.take_turn(other, StreamEvent::idle);
  EXPECT_FALSE(other.is_closed);
}

TEST_F(WsHandlerTest, ClosesWhoDoesNotTakeWhatOthersSend) {
  WsRig rig({.max_output_bytes = 1000});
  WsPeer& slow = rig.connect();
  rig.say(slow, kAnnounce);
  slow.is_stuck = true;
  const std::string message = frame(ws::Opcode::text, std::string(300, 'x'), true, std::nullopt);
  for (int i = 0; i < 3; ++i) rig.take_turn(slow, StreamEvent::message, as_bytes(message));
  EXPECT_FALSE(slow.is_closed);
  EXPECT_EQ(slow.output.size(), 3 * message.size());
  rig.take_turn(slow, StreamEvent::message, as_bytes(message));
  EXPECT_TRUE(slow.is_closed);
  EXPECT_EQ(rig.count(WsMetric::slow_receivers), 1u);
  EXPECT_THAT(slow.output.text(), HasSubstr("too slow to receive"));
  EXPECT_EQ(rig.counts("aaaaaaaaaaaaaaaaaaaa"), swarm::Counts());
}

TEST_F(WsHandlerTest, DoesNotReadOnWhileItsResponsesAreNotTaken) {
  WsRig rig({.max_output_bytes = 1000});
  WsPeer& slow = rig.connect();
  slow.is_stuck = true;
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += frame(ws::Opcode::text, kAnnounce);
  rig.send(slow, requests);
  EXPECT_LT(slow.output.size(), 2'000u);
  EXPECT_FALSE(slow.unhandled.empty());
  slow.is_stuck = false;
  rig.take_turn(slow, StreamEvent::drained);
  EXPECT_TRUE(slow.unhandled.empty());
  EXPECT_THAT(slow.messages, SizeIs(50));
}

TEST_F(WsHandlerTest, SaysGoodbye) {
  rig_.take_turn(peer_, StreamEvent::stopping);
  EXPECT_EQ(peer_.close_code, number(CloseCode::going_away));
  WsPeer& slow = rig_.connect();
  slow.unhandled = frame(ws::Opcode::text, kAnnounce).substr(0, 20);
  rig_.take_turn(slow, StreamEvent::timeout);
  EXPECT_EQ(slow.close_code, number(CloseCode::policy_violation));
}

TEST_F(WsHandlerTest, LetsPagesInByTheirOrigin) {
  offers::OfferSwarm swarm({});
  const access_list::Holder list;
  WsMetrics metrics;
  const auto allows = [&](WsHandlerOptions options, std::string_view origin) {
    std::vector<std::unique_ptr<net::Mailbox>> boxes;
    boxes.push_back(std::make_unique<net::Mailbox>(1000));
    net::Outbox outbox(boxes, 0);
    return WsHandler(std::move(options), swarm, list, outbox, 1, metrics).allows(origin);
  };
  EXPECT_TRUE(allows({}, "https://anywhere.example"));
  EXPECT_TRUE(allows({.allowed_origins = {"https://a.example"}}, "https://a.example"));
  EXPECT_FALSE(allows({.allowed_origins = {"https://a.example"}}, "https://b.example"));
  EXPECT_TRUE(allows({.allowed_origins = {"https://a.example"}}, "")) << "no browser";
  EXPECT_FALSE(allows({.denied_origins = {"https://a.example"}}, "https://a.example"));
  EXPECT_TRUE(allows({.denied_origins = {"https://a.example"}}, "https://b.example"));
}

// Memory is used again, and nothing of the one before is left in it.
TEST_F(WsHandlerTest, ForgetsConnections) {
  rig_.say(peer_, kAnnounce);
  rig_.disconnect(peer_);
  WsPeer& next = rig_.connect("192.0.2.9");
  rig_.say(next, kAnnounce);
  EXPECT_THAT(next.take(), ElementsAre(HasSubstr(R"("incomplete":1)")));
  EXPECT_EQ(rig_.count(WsMetric::upgrades) - rig_.count(WsMetric::closed), 1u);
}

}  // namespace
}  // namespace aquatic::server
