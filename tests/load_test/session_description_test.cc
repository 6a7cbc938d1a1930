// SPDX-License-Identifier: Apache-2.0
#include "load_test/session_description.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "protocol/ws/request.h"
#include "tests/support/padded_message.h"

namespace aquatic::load_test {
namespace {

using Kind = SessionDescription::Kind;
using Note = SessionDescription::Note;

Note some_note() {
  Note note{.offer_id = {}, .connection = 0x01020304, .sent_ns = 0xfedcba9876543210};
  for (std::size_t i = 0; i < OfferId::kBytes; ++i) {
    note.offer_id.bytes[i] = static_cast<std::byte>(250 + i);
  }
  return note;
}

TEST(SessionDescription, IsAsLongAsWantedAndReadsBack) {
  for (const std::size_t bytes :
       {SessionDescription::kMinBytes, std::size_t{600}, std::size_t{16'384}}) {
    SessionDescription description(Kind::offer, bytes);
    const std::string token(description.write(some_note()));
    EXPECT_EQ(token.size(), bytes);
    EXPECT_EQ(description.read(token), some_note());
  }
}

TEST(SessionDescription, IsAJsonStringThatTrackersTake) {
  SessionDescription description(Kind::offer, 600);
  const std::string message =
      R"({"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaaa","peer_id":"bbbbbbbbbbbbbbbbbbbb",)"
      R"("offers":[{"offer_id":"cccccccccccccccccccc","offer":{"type":"offer","sdp":)" +
      std::string(description.write(some_note())) + "}}]}";
  ws::RequestDecoder decoder({}, 4096);
  const aquatic::test::PaddedMessage padded(message);
  const auto decoded = decoder.decode(padded.bytes());
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(std::get<ws::AnnounceRequest>(*decoded).offers.size(), 1u);
}

TEST(SessionDescription, EveryChangeIsSeen) {
  SessionDescription description(Kind::offer, 600);
  const std::string token(description.write(some_note()));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(description.read(changed), some_note()) << i;
  }
  EXPECT_FALSE(description.read(token.substr(1)));
  EXPECT_FALSE(description.read(""));
}

TEST(SessionDescription, OffersAreNoAnswers) {
  SessionDescription offer(Kind::offer, 600);
  SessionDescription answer(Kind::answer, 600);
  EXPECT_FALSE(offer.read(answer.write(some_note())));
}

}  // namespace
}  // namespace aquatic::load_test
