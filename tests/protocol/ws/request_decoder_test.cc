// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "protocol/ws/request.h"
#include "tests/support/padded_message.h"

namespace aquatic::ws {
namespace {

using Reason = RequestError::Reason;
using test::PaddedMessage;
using namespace std::string_literals;

constexpr std::size_t kMaxMessageBytes = 64 * 1024;

const std::string kH = R"("hhhhhhhhhhhhhhhhhhhh")";
const std::string kP = R"("pppppppppppppppppppp")";
const std::string kO = R"("oooooooooooooooooooo")";

// A message of the example peer with further members, which come last and so replace.
std::string announce(const std::string& more = "") {
  return R"({"action":"announce","info_hash":)" + kH + R"(,"peer_id":)" + kP + more + "}";
}
std::string scrape(const std::string& info_hash) {
  return R"({"action":"scrape","info_hash":)" + info_hash + "}";
}
std::string offer(const std::string& sdp) {
  return R"({"offer":{"type":"offer","sdp":)" + sdp + R"(},"offer_id":)" + kO + "}";
}
std::string answer(const std::string& answer, const std::string& to = kP,
                   const std::string& id = kO) {
  return R"(,"answer":)" + answer + R"(,"to_peer_id":)" + to + R"(,"offer_id":)" + id;
}

// A decoder and the message that it borrows from.
class Decoded {
 public:
  explicit Decoded(std::string_view text, const RequestLimits& limits = {},
                   std::size_t max_message_bytes = kMaxMessageBytes)
      : message_(text), decoder_(limits, max_message_bytes) {
    result_ = decoder_.decode(message_.bytes());
  }

  bool is_good() const { return result_.has_value(); }
  const AnnounceRequest& announce() const { return std::get<AnnounceRequest>(result_.value()); }
  const ScrapeRequest& scrape() const { return std::get<ScrapeRequest>(result_.value()); }
  const RequestError& error() const { return result_.error(); }

 private:
  PaddedMessage message_;
  RequestDecoder decoder_;
  Expected<Request, RequestError> result_;
};

// What the reason is, or nothing if the request is good.
std::optional<Reason> reason(std::string_view text, const RequestLimits& limits = {}) {
  const Decoded decoded(text, limits);
  return decoded.is_good() ? std::nullopt : std::optional(decoded.error().reason);
}

TEST(RequestDecoder, ReadsAnnounces) {
  const Decoded least(announce());
  EXPECT_EQ(as_text(least.announce().info_hash.bytes), "hhhhhhhhhhhhhhhhhhhh");
  EXPECT_EQ(as_text(least.announce().peer_id.bytes), "pppppppppppppppppppp");
  EXPECT_EQ(least.announce().event, Event::none);
  EXPECT_FALSE(least.announce().is_seeder);
  EXPECT_EQ(least.announce().numwant, std::nullopt);
  EXPECT_TRUE(least.announce().offers.empty());
  EXPECT_FALSE(least.announce().answer);

  const Decoded most(announce(R"(,"event":"started","left":0,"numwant":5,"uploaded":0,)"
                              R"("corrupt":0,"key":"A1","trackerid":null,"offers":[)" +
                              offer(R"("a\r\n")") + "," + offer("\"b\"") + "]"));
  EXPECT_EQ(most.announce().event, Event::started);
  EXPECT_TRUE(most.announce().is_seeder);
  EXPECT_EQ(most.announce().numwant, 5u);
  ASSERT_EQ(most.announce().offers.size(), 2u);
  EXPECT_EQ(most.announce().offers[0].sdp, R"("a\r\n")");
  EXPECT_EQ(as_text(most.announce().offers[0].offer_id.bytes), "oooooooooooooooooooo");
  EXPECT_EQ(most.announce().offers[1].sdp, "\"b\"");
}

TEST(RequestDecoder, ReadsEvents) {
  const std::vector<std::pair<std::string, Event>> events = {{"null", Event::none},
                                                             {"\"\"", Event::none},
                                                             {"\"empty\"", Event::none},
                                                             {"\"update\"", Event::none},
                                                             {"\"paused\"", Event::paused},
                                                             {"\"started\"", Event::started},
                                                             {"\"stopped\"", Event::stopped},
                                                             {"\"completed\"", Event::completed},
                                                             {"\"st\\u0061rted\"", Event::started}};
  for (const auto& [text, event] : events) {
    EXPECT_EQ(Decoded(announce(",\"event\":" + text)).announce().event, event) << text;
  }
  for (const std::string bad : {"\"Started\"", "\"x\"", "0", "true", "[]", "{}"}) {
    EXPECT_EQ(reason(announce(",\"event\":" + bad)), Reason::bad_event) << bad;
  }
}

TEST(RequestDecoder, TakesOnlyZeroLeftForASeeder) {
  EXPECT_TRUE(Decoded(announce(",\"left\":0")).announce().is_seeder);
  for (const std::string left :
       {"null", "1", "-1", "-0", "0.0", "0.5", "1e-999", "1e3", "99999999999999999999999999"}) {
    EXPECT_FALSE(Decoded(announce(",\"left\":" + left)).announce().is_seeder) << left;
  }
  for (const std::string bad : {"\"0\"", "true", "[]", "{}"}) {
    EXPECT_EQ(reason(announce(",\"left\":" + bad)), Reason::bad_number) << bad;
  }
}

TEST(RequestDecoder, ReadsNumwant) {
  const auto numwant = [](const std::string& text) {
    return Decoded(announce(",\"numwant\":" + text)).announce().numwant;
  };
  EXPECT_EQ(numwant("0"), 0u);
  EXPECT_EQ(numwant("4294967296"), 4294967295u);
  for (const std::string none : {"null", "-1", "1.5", "1e2"})
    EXPECT_EQ(numwant(none), std::nullopt);
  EXPECT_EQ(reason(announce(R"(,"numwant":"5")")), Reason::bad_number);
}

TEST(RequestDecoder, ReadsAnswers) {
  const Decoded decoded(announce(answer(R"({"type":"answer","sdp":"s"})")));
  ASSERT_TRUE(decoded.announce().answer);
  EXPECT_EQ(decoded.announce().answer->sdp, "\"s\"");
  EXPECT_EQ(as_text(decoded.announce().answer->to_peer_id.bytes), "pppppppppppppppppppp");
  EXPECT_EQ(as_text(decoded.announce().answer->offer_id.bytes), "oooooooooooooooooooo");
}

TEST(RequestDecoder, AnswersAreWholeOrNone) {
  for (const std::string& bad :
       {answer("{}"), answer("\"s\""), answer("[]"), answer("1"), answer(R"({"sdp":null})"),
        answer(R"({"sdp":1})"), answer(R"({"sdp":"s"})", "null"), answer(R"({"sdp":"s"})", "\"p\""),
        answer(R"({"sdp":"s"})", kP, "null"), R"(,"answer":{"sdp":"s"})"s,
        R"(,"answer":{"sdp":"s"},"offer_id":)" + kO}) {
    EXPECT_EQ(reason(announce(bad)), Reason::bad_answer) << bad;
  }
  // Without an answer this is an announce like any other.
  for (const std::string& stray :
       {answer("null"), answer("null", "1", "2"), R"(,"to_peer_id":)" + kP}) {
    EXPECT_FALSE(Decoded(announce(stray)).announce().answer) << stray;
  }
}

TEST(RequestDecoder, ReadsScrapes) {
  const Decoded one(scrape(kH));
  ASSERT_EQ(one.scrape().info_hashes.size(), 1u);
  EXPECT_EQ(as_text(one.scrape().info_hashes[0].bytes), "hhhhhhhhhhhhhhhhhhhh");
  EXPECT_FALSE(one.scrape().is_full);
  EXPECT_EQ(Decoded(scrape("[" + kH + "," + kP + "]")).scrape().info_hashes.size(), 2u);
  EXPECT_FALSE(Decoded(scrape("[]")).scrape().is_full);
  EXPECT_TRUE(Decoded(scrape("null")).scrape().is_full);
  EXPECT_TRUE(Decoded(R"({"action":"scrape"})").scrape().is_full);
  for (const std::string& bad : {"1"s, "\"h\""s, "{}"s, "[null]"s, "[" + kH + ",1]", "[[]]"s}) {
    EXPECT_EQ(reason(scrape(bad)), Reason::bad_info_hash) << bad;
  }
}

TEST(RequestDecoder, KeepsItsLimits) {
  const RequestLimits limits{.max_offers = 2, .max_scrape_torrents = 2, .max_sdp_bytes = 4};
  const std::string good = offer("\"s\"");
  const auto offers = [](const std::string& list) {
    return announce(",\"offers\":[" + list + "]");
  };
  EXPECT_EQ(Decoded(offers(good + "," + good + "," + good), limits).announce().offers.size(), 2u);
  // Beyond the limit it only has to be JSON.
  EXPECT_EQ(Decoded(offers(good + "," + good + ",null,5"), limits).announce().offers.size(), 2u);
  EXPECT_EQ(reason(offers(good + ",null," + good), limits), Reason::bad_offers);
  EXPECT_EQ(reason(offers(good + "," + good + R"(,"\q")"), limits), Reason::not_json);

  EXPECT_EQ(reason(offers(offer("\"12\"")), limits), std::nullopt);
  EXPECT_EQ(reason(offers(offer("\"123\"")), limits), Reason::large_sdp);
  EXPECT_EQ(reason(offers(offer(R"("\n1")")), limits), Reason::large_sdp);  // As written.
  EXPECT_EQ(reason(announce(answer(R"({"sdp":"12"})")), limits), std::nullopt);
  EXPECT_EQ(reason(announce(answer(R"({"sdp":"123"})")), limits), Reason::large_sdp);

  EXPECT_EQ(
      Decoded(scrape("[" + kH + "," + kH + "," + kH + ",1]"), limits).scrape().info_hashes.size(),
      2u);
  const RequestLimits none{.max_offers = 0, .max_scrape_torrents = 0, .max_sdp_bytes = 0};
  EXPECT_TRUE(Decoded(offers(good), none).announce().offers.empty());
  EXPECT_TRUE(Decoded(scrape("[" + kH + "]"), none).scrape().info_hashes.empty());
}

TEST(RequestDecoder, AllocatesNothingOnceItIsMade) {
  const RequestLimits limits;
  RequestDecoder decoder(limits, kMaxMessageBytes);
  std::string list = offer("\"s\"");
  for (std::size_t i = 1; i < 2 * limits.max_offers; ++i) list += "," + offer("\"s\"");
  const PaddedMessage message(announce(",\"offers\":[" + list + "]"));
  const auto first = decoder.decode(message.bytes());
  const auto* const offers = std::get<AnnounceRequest>(*first).offers.data();
  const auto again = decoder.decode(message.bytes());
  EXPECT_EQ(std::get<AnnounceRequest>(*again).offers.data(), offers);
  EXPECT_EQ(std::get<AnnounceRequest>(*again).offers.size(), limits.max_offers);
}

// --- What has broken other trackers -------------------------------------------------------------

TEST(RequestDecoder, RefusesWhatIsNoObject) {
  for (const std::string text : {"", "null", "[]", "\"x\"", "1", "true", "{", "}", "{\"action\"}",
                                 "{\"action\":\"announce\"", "nul", "\xff", "{}{}"}) {
    const Decoded decoded(text);
    ASSERT_FALSE(decoded.is_good()) << text;
    EXPECT_EQ(decoded.error().reason, Reason::not_json) << text;
    EXPECT_FALSE(decoded.error().action) << text;
    EXPECT_FALSE(decoded.error().info_hash) << text;
  }
  EXPECT_EQ(reason("{}"), Reason::bad_action);
}

TEST(RequestDecoder, RefusesBadOffers) {
  const auto offers = [](const std::string& value) { return announce(",\"offers\":" + value); };
  for (const std::string& bad :
       {"[null]"s, "{\"length\":5}"s, "\"\""s, "5"s, "true"s, "[[]]"s, "[{}]"s, "[1]"s,
        R"([{"offer":null,"offer_id":)" + kO + "}]", R"([{"offer":{},"offer_id":)" + kO + "}]",
        R"([{"offer":{"sdp":1},"offer_id":)" + kO + "}]",
        R"([{"offer":"s","offer_id":)" + kO + "}]", R"([{"offer":{"sdp":"s"}}])"s,
        R"([{"offer":{"sdp":"s"},"offer_id":"o"}])"s}) {
    EXPECT_EQ(reason(offers(bad)), Reason::bad_offers) << bad;
  }
  EXPECT_EQ(reason(offers("null")), std::nullopt);
  EXPECT_EQ(reason(offers("[]")), std::nullopt);
}

TEST(RequestDecoder, WantsIdsOfTwentyBytes) {
  const auto hash = [](const std::string& text) {
    return reason(R"({"action":"announce","peer_id":)" + kP + R"(,"info_hash":)" + text + "}");
  };
  const std::string nineteen(19, 'h');
  for (const std::string& bad :
       {"null"s, "20"s, "[]"s, "{}"s, "[" + kH + "]", "\"" + nineteen + "\"",
        "\"" + nineteen + "hh\"",      // The original takes the first twenty.
        "\"" + nineteen + "\u0100\"",  // Above U+00FF.
        "\"" + nineteen + "\\u0100\"", "\"" + nineteen + "\\ud83d\\ude00\""}) {
    EXPECT_EQ(hash(bad), Reason::bad_info_hash) << bad;
  }
  EXPECT_EQ(hash("\"" + nineteen + "\\ud800\""), Reason::not_json);
  EXPECT_EQ(hash("\"" + nineteen + "\\udc00\""), Reason::not_json);
  EXPECT_EQ(hash("\"" + nineteen + "\xed\xa0\x80\""), Reason::not_json);
  EXPECT_EQ(hash("\"" + nineteen + "\\u00ff\""), std::nullopt);
  EXPECT_EQ(reason(R"({"action":"announce","info_hash":)" + kH + "}"), Reason::bad_peer_id);
}

TEST(RequestDecoder, RepeatedKeysHaveTheirLastValue) {
  const std::string a = R"("aaaaaaaaaaaaaaaaaaaa")";
  EXPECT_EQ(as_text(Decoded(announce(",\"info_hash\":" + a)).announce().info_hash.bytes),
            "aaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(reason(announce(",\"info_hash\":1")), Reason::bad_info_hash);
  EXPECT_EQ(reason(announce(",\"left\":\"0\",\"left\":0")), std::nullopt);
  EXPECT_FALSE(Decoded(announce(",\"left\":0,\"left\":1")).announce().is_seeder);

  // What is checked is what is relayed.
  const std::string good = offer("\"s\"");
  const auto list = [](const std::string& value) { return ",\"offers\":" + value; };
  EXPECT_EQ(reason(announce(list("[" + good + "]") + list("[null]"))), Reason::bad_offers);
  EXPECT_TRUE(Decoded(announce(list("[null]") + list("null"))).announce().offers.empty());
  const RequestLimits limits{.max_sdp_bytes = 4};
  EXPECT_EQ(reason(announce(list("[" + offer("\"123\"") + "]") + list("[" + good + "]")), limits),
            std::nullopt);
  const Decoded sdp(announce(list(R"([{"offer":{"sdp":"a","sdp":"b"},"offer_id":1,"offer_id":)" +
                                  kO + R"(,"offer":{"sdp":"c","s\u0064p":"d"}}])")));
  EXPECT_EQ(sdp.announce().offers[0].sdp, "\"d\"");
  EXPECT_EQ(reason(announce(answer(R"({"sdp":"s"})") + ",\"answer\":null")), std::nullopt);

  EXPECT_EQ(
      Decoded(R"({"info_hash":[],"action":"announce","action":"scrape","info_hash":)" + kH + "}")
          .scrape()
          .info_hashes.size(),
      1u);
}

TEST(RequestDecoder, RelaysNoBrokenStrings) {
  for (const std::string sdp : {R"("\q")", R"("\u12")", R"("\ud800")", R"("\udc00\ud800")",
                                "\"\n\"", "\"\xff\"", "foo bar", "[\"a\"}", "\"a\" \"b\""}) {
    EXPECT_EQ(reason(announce(",\"offers\":[" + offer(sdp) + "]")), Reason::not_json) << sdp;
    EXPECT_EQ(reason(announce(answer("{\"sdp\":" + sdp + "}"))), Reason::not_json) << sdp;
  }
}

TEST(RequestDecoder, ReadsMessagesUpToItsLimit) {
  const std::string begin = R"({"action":"scrape","x":")";
  const auto message = [&](std::size_t bytes) {
    return begin + std::string(bytes - begin.size() - 2, 'x') + "\"}";
  };
  EXPECT_TRUE(Decoded(message(kMaxMessageBytes - 1)).is_good());
  EXPECT_TRUE(Decoded(message(kMaxMessageBytes)).is_good());
  EXPECT_EQ(reason(message(kMaxMessageBytes + 1)), Reason::not_json);
  EXPECT_EQ(reason(std::string(kMaxMessageBytes, '[')), Reason::not_json);
  std::string deep = R"({"action":"scrape","x":)" + std::string(30'000, '[');
  EXPECT_EQ(reason(deep + std::string(30'000, ']') + "}"), Reason::not_json);
}

TEST(RequestDecoder, ErrorsHaveWhatTheirResponseNeeds) {
  const auto error = [](const std::string& text) { return Decoded(text).error(); };
  const RequestError event = error(announce(",\"event\":1"));
  EXPECT_EQ(event.action, Action::announce);
  ASSERT_TRUE(event.info_hash);
  EXPECT_EQ(as_text(event.info_hash->bytes), "hhhhhhhhhhhhhhhhhhhh");
  EXPECT_FALSE(error(announce(",\"info_hash\":1")).info_hash);
  EXPECT_EQ(error(scrape("1")).action, Action::scrape);
  // The action may come last, or not be one.
  const RequestError action = error(R"({"info_hash":)" + kH + R"(,"action":"x"})");
  EXPECT_EQ(action.reason, Reason::bad_action);
  EXPECT_FALSE(action.action);
  EXPECT_TRUE(action.info_hash);
  for (const std::string bad : {"null", "1", "\"Announce\"", "[\"announce\"]"}) {
    EXPECT_EQ(error(announce(",\"action\":" + bad)).reason, Reason::bad_action) << bad;
  }
}

}  // namespace
}  // namespace aquatic::ws
