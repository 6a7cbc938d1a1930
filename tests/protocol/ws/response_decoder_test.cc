// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/ws/response.h"
#include "tests/support/padded_message.h"

namespace aquatic::ws {
namespace {

using test::PaddedMessage;

constexpr std::size_t kMaxMessageBytes = 4096;

const std::string kH = R"("hhhhhhhhhhhhhhhhhhhh")";
const std::string kP = R"("pppppppppppppppppppp")";
const std::string kO = R"("oooooooooooooooooooo")";

// A decoder and the message that it borrows from.
class Decoded {
 public:
  explicit Decoded(std::string_view text) : message_(text), decoder_(kMaxMessageBytes) {
    result_ = decoder_.decode(message_.bytes());
  }

  template <class T>
  const T& as() const {
    return std::get<T>(result_.value());
  }
  // "" if there is none.
  std::string error() const {
    if (result_) return "";
    switch (result_.error()) {
      case ResponseError::not_json: return "not JSON";
      case ResponseError::bad_action: return "bad action";
      case ResponseError::bad_field: return "bad field";
    }
    return "";
  }

 private:
  PaddedMessage message_;
  ResponseDecoder decoder_;
  Expected<Response, ResponseError> result_;
};

std::string announce(const std::string& more) {
  return R"({"action":"announce","info_hash":)" + kH + more + "}";
}
std::string relayed(const std::string& more) {
  return announce(R"(,"peer_id":)" + kP + R"(,"offer_id":)" + kO + more);
}

TEST(ResponseDecoder, ReadsWhatOtherTrackersSend) {
  // bittorrent-tracker, aquatic in Rust
  const Decoded reference(
      R"({"complete":1,"incomplete":2,"action":"announce","interval":120,"info_hash":)" + kH + "}");
  EXPECT_EQ(reference.as<AnnounceResponse>().complete, 1u);
  EXPECT_EQ(reference.as<AnnounceResponse>().incomplete, 2u);
  EXPECT_EQ(reference.as<AnnounceResponse>().downloaded, 0u);
  EXPECT_EQ(reference.as<AnnounceResponse>().interval_s, 120u);
  EXPECT_EQ(reference.as<AnnounceResponse>().min_interval_s, 0u);
  const Decoded scrape(R"({"action":"scrape","files":{)" + kH +
                       R"(:{"complete":1,"incomplete":2,"downloaded":3},)" + kP +
                       R"(:{"complete":0,"incomplete":0}},"flags":{"min_request_interval":600}})");
  ASSERT_EQ(scrape.as<ScrapeResponse>().torrents.size(), 2u);
  EXPECT_EQ(scrape.as<ScrapeResponse>().torrents[0].incomplete, 2u);
  EXPECT_EQ(as_text(scrape.as<ScrapeResponse>().torrents[1].info_hash.bytes),
            "pppppppppppppppppppp");
}

TEST(ResponseDecoder, ReadsRelayedMessages) {
  const Decoded offer(relayed(R"(,"offer":{"type":"offer","sdp":"v=0\r\n"})"));
  EXPECT_EQ(offer.as<RelayedOffer>().sdp, R"("v=0\r\n")");
  EXPECT_EQ(as_text(offer.as<RelayedOffer>().peer_id.bytes), "pppppppppppppppppppp");
  const Decoded answer(relayed(R"(,"answer":{"type":"answer","sdp":""})"));
  EXPECT_EQ(answer.as<RelayedAnswer>().sdp, R"("")");
  EXPECT_EQ(as_text(answer.as<RelayedAnswer>().offer_id.bytes), "oooooooooooooooooooo");
}

TEST(ResponseDecoder, ReadsFailures) {
  const Decoded announced(announce(R"(,"failure reason":"say \"why\"")"));
  EXPECT_EQ(announced.as<Failure>().reason, R"(say \"why\")");
  EXPECT_EQ(announced.as<Failure>().action, Action::announce);
  EXPECT_TRUE(announced.as<Failure>().info_hash);
  const Decoded scraped(R"({"action":"scrape","failure reason":""})");
  EXPECT_EQ(scraped.as<Failure>().reason, "");
  EXPECT_EQ(scraped.as<Failure>().action, Action::scrape);
  EXPECT_FALSE(scraped.as<Failure>().info_hash);
}

TEST(ResponseDecoder, RefusesWhatLacksSomething) {
  EXPECT_EQ(Decoded("null").error(), "not JSON");
  EXPECT_EQ(Decoded(announce("") + "}").error(), "not JSON");
  EXPECT_EQ(Decoded(R"({"failure reason":"x"})").error(), "bad action");
  EXPECT_EQ(Decoded(R"({"action":"connect"})").error(), "bad action");
  const std::string counts = R"(,"complete":1,"incomplete":2,"interval":3)";
  EXPECT_EQ(Decoded(announce(counts)).error(), "");
  for (const std::string& bad :
       {announce(""), announce(R"(,"complete":1,"incomplete":2)"),
        announce(counts + R"(,"complete":-1)"), announce(counts + R"(,"interval":1.5)"),
        announce(counts + R"(,"interval":4294967296)"), announce(counts + R"(,"complete":"1")"),
        announce(counts + R"(,"min_interval":"1")"), announce(counts + R"(,"info_hash":"h")"),
        announce(R"(,"failure reason":1)"), announce(R"(,"offer":{"sdp":"s"})"),
        relayed(R"(,"offer":{})"), relayed(R"(,"offer":"s")"), relayed(R"(,"answer":[])"),
        relayed(R"(,"answer":{"sdp":1})"), std::string(R"({"action":"scrape"})"),
        std::string(R"({"action":"scrape","files":[]})"),
        std::string(R"({"action":"scrape","files":{"h":{"complete":1,"incomplete":1}}})"),
        R"({"action":"scrape","files":{)" + kH + R"(:{"complete":1}}})",
        R"({"action":"scrape","files":{)" + kH + ":1}}"}) {
    EXPECT_EQ(Decoded(bad).error(), "bad field") << bad;
  }
}

}  // namespace
}  // namespace aquatic::ws
