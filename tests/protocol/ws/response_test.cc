// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/response.h"

#include <gtest/gtest.h>

#include <array>
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

TEST(WsResponse, WritesAnnounces) {
  const AnnounceResponse response{.info_hash = id_of<InfoHash>('h'),
                                  .complete = 1,
                                  .incomplete = 2,
                                  .downloaded = 4294967295,
                                  .interval_s = 120,
                                  .min_interval_s = 60};
  EXPECT_EQ(encoded(response),
            R"({"action":"announce","info_hash":)" + kH +
                R"(,"complete":1,"incomplete":2,"downloaded":4294967295,"interval":120,)"
                R"("min interval":60,"min_interval":60})");
}

TEST(WsResponse, WritesRelayedMessages) {
  const std::string begin =
      R"({"action":"announce","info_hash":)" + kH + R"(,"peer_id":)" + kP + R"(,"offer_id":)" + kO;
  EXPECT_EQ(encoded(RelayedOffer{id_of<InfoHash>('h'), id_of<PeerId>('p'), id_of<OfferId>('o'),
                                 R"("v=0\r\n")"}),
            begin + R"(,"offer":{"type":"offer","sdp":"v=0\r\n"}})");
  EXPECT_EQ(encoded(RelayedAnswer{id_of<InfoHash>('h'), id_of<PeerId>('p'), id_of<OfferId>('o'),
                                  R"("")"}),
            begin + R"(,"answer":{"type":"answer","sdp":""}})");
}

TEST(WsResponse, WritesScrapes) {
  EXPECT_EQ(encoded(ScrapeResponse{}), R"({"action":"scrape","files":{}})");
  const std::array<ScrapedTorrent, 2> torrents = {
      {{id_of<InfoHash>('h'), 1, 2, 3}, {id_of<InfoHash>('\0'), 0, 0, 0}}};
  std::string zeros;
  for (int i = 0; i < 20; ++i) zeros += "\\u0000";
  EXPECT_EQ(encoded(ScrapeResponse{torrents}),
            R"({"action":"scrape","files":{)" + kH +
                R"(:{"complete":1,"incomplete":2,"downloaded":3},")" + zeros +
                R"(":{"complete":0,"incomplete":0,"downloaded":0}}})");
}

TEST(WsResponse, WritesFailures) {
  EXPECT_EQ(encoded(Failure{.reason = "say \"why\"\n"}),
            R"({"action":"announce","failure reason":"say \"why\"\u000a"})");
  EXPECT_EQ(encoded(Failure{"no", Action::scrape, id_of<InfoHash>('h')}),
            R"({"action":"scrape","info_hash":)" + kH + R"(,"failure reason":"no"})");
}

TEST(WsResponse, IsAppended) {
  ByteBuffer out;
  out.append("x");
  encode(ScrapeResponse{}, out);
  EXPECT_EQ(out.text(), R"(x{"action":"scrape","files":{}})");
}

}  // namespace
}  // namespace aquatic::ws
