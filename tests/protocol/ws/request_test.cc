// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/request.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace aquatic::ws {
namespace {

template <class Id>
Id id_of(char c) {
  Id id;
  id.bytes.fill(static_cast<std::byte>(c));
  return id;
}

template <class Message>
std::string encoded(const Message& message) {
  ByteBuffer out;
  encode(message, out);
  return std::string(out.text());
}

const std::string kH = R"("hhhhhhhhhhhhhhhhhhhh")";
const std::string kP = R"("pppppppppppppppppppp")";
const std::string kO = R"("oooooooooooooooooooo")";

AnnounceRequest announce() {
  return {.info_hash = id_of<InfoHash>('h'), .peer_id = id_of<PeerId>('p')};
}

TEST(WsRequest, WritesAnnounces) {
  const std::string begin = R"({"action":"announce","info_hash":)" + kH + R"(,"peer_id":)" + kP;
  EXPECT_EQ(encoded(announce()), begin + R"(,"event":"update","left":1})");
  AnnounceRequest request = announce();
  request.event = Event::completed;
  request.is_seeder = true;
  request.numwant = 5;
  EXPECT_EQ(encoded(request), begin + R"(,"event":"completed","left":0,"numwant":5})");
}

TEST(WsRequest, WritesSessionDescriptionsAsTheyAre) {
  const std::array<Offer, 2> offers = {
      {{id_of<OfferId>('o'), R"("v=0\r\n")"}, {id_of<OfferId>('o'), R"("")"}}};
  AnnounceRequest request = announce();
  request.offers = offers;
  EXPECT_NE(encoded(request).find(R"(,"offers":[{"offer":{"type":"offer","sdp":"v=0\r\n"},)"
                                  R"("offer_id":)" +
                                  kO + R"(},{"offer":{"type":"offer","sdp":""},"offer_id":)" + kO +
                                  "}]}"),
            std::string::npos);
  request.offers = {};
  request.answer = {id_of<PeerId>('p'), id_of<OfferId>('o'), R"("\u0000")"};
  EXPECT_TRUE(
      encoded(request).ends_with(R"(,"answer":{"type":"answer","sdp":"\u0000"},"to_peer_id":)" +
                                 kP + R"(,"offer_id":)" + kO + "}"));
}

TEST(WsRequest, WritesScrapes) {
  const std::array hashes = {id_of<InfoHash>('h'), id_of<InfoHash>('h')};
  EXPECT_EQ(encoded(ScrapeRequest{.is_full = true}), R"({"action":"scrape"})");
  EXPECT_EQ(encoded(ScrapeRequest{}), R"({"action":"scrape","info_hash":[]})");
  EXPECT_EQ(encoded(ScrapeRequest{.info_hashes = hashes}),
            R"({"action":"scrape","info_hash":[)" + kH + "," + kH + "]}");
}

TEST(WsRequest, EachReasonHasItsText) {
  std::set<std::string_view> texts;
  const auto last = static_cast<unsigned>(RequestError::Reason::large_sdp);
  for (unsigned reason = 0; reason <= last; ++reason) {
    texts.insert(text_of(static_cast<RequestError::Reason>(reason)));
  }
  EXPECT_EQ(texts.size(), last + 1);
  EXPECT_FALSE(texts.contains(""));
}

}  // namespace
}  // namespace aquatic::ws
