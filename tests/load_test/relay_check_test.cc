// SPDX-License-Identifier: Apache-2.0
#include "load_test/relay_check.h"

#include <gtest/gtest.h>

#include <string>

namespace aquatic::load_test {
namespace {

constexpr std::size_t kSdpBytes = 600;
constexpr std::uint64_t kSentNs = 5;

// Two connections of one torrent. The first has made an offer, which `offer` is as relayed.
class RelayCheckTest : public testing::Test {
 protected:
  RelayCheckTest() : population_(1, 2), peers_(config_, population_), ledger_(2) {
    ledger_.make(0, 1);
    offer.offer_id = offer_id_of({.connection = 0, .torrent = 0, .serial = 1, .sent_ns = kSentNs});
    offer.info_hash = Population::info_hash(0);
    offer.peer_id = Population::peer_id(0);
    offer.sdp = offer_text_.write({offer.offer_id, 0, kSentNs});
    answer.offer_id = offer.offer_id;
    answer.info_hash = offer.info_hash;
    answer.peer_id = Population::peer_id(1);
    answer.sdp = answer_text_.write({offer.offer_id, 1, kSentNs + 1});
  }

  template <class Relayed>
  void expect(const Relayed& relayed, std::uint32_t receiver, Fault fault) {
    const auto checked = check_.check(relayed, receiver);
    ASSERT_FALSE(checked.has_value()) << name_of(fault);
    EXPECT_EQ(name_of(checked.error()), name_of(fault));
  }

  static WsLoadTestConfig two_connections() {
    WsLoadTestConfig config;
    config.num_connections_per_worker = 2;
    config.torrents.number_of_torrents = 1;
    config.torrents.torrents_per_connection = 1;
    return config;
  }

  ws::RelayedOffer offer;
  ws::RelayedAnswer answer;
  const WsLoadTestConfig config_ = two_connections();
  const Population population_;
  const WsPeers peers_;
  OfferLedger ledger_;
  SessionDescription offer_text_{SessionDescription::Kind::offer, kSdpBytes};
  SessionDescription answer_text_{SessionDescription::Kind::answer, kSdpBytes};
  RelayCheck check_{peers_, ledger_, kSdpBytes};
};

TEST_F(RelayCheckTest, ARightOfferAndItsAnswer) {
  const auto offered = check_.check(offer, 1);
  ASSERT_TRUE(offered.has_value());
  EXPECT_EQ(offered->sent_ns, kSentNs);
  EXPECT_FALSE(offered->is_too_old);
  const auto answered = check_.check(answer, 0);
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(answered->sent_ns, kSentNs + 1);
  EXPECT_EQ(answered->offer, offered->offer);
}

TEST_F(RelayCheckTest, NothingArrivesTwice) {
  EXPECT_TRUE(check_.check(offer, 1).has_value());
  expect(offer, 1, Fault::repeated_relay);
  EXPECT_TRUE(check_.check(answer, 0).has_value());
  expect(answer, 0, Fault::repeated_relay);
}

TEST_F(RelayCheckTest, OffersOfOneself) { expect(offer, 0, Fault::own_peer); }

TEST_F(RelayCheckTest, AnAnswerBeforeItsOffer) { expect(answer, 0, Fault::unknown_relay); }

TEST_F(RelayCheckTest, AnswersForOthers) { expect(answer, 1, Fault::wrong_socket); }

TEST_F(RelayCheckTest, WhatWasAltered) {
  ws::RelayedOffer altered = offer;
  altered.peer_id = Population::peer_id(1);
  expect(altered, 1, Fault::altered_relay);
  altered = offer;
  altered.info_hash = Population::info_hash(1);
  expect(altered, 1, Fault::altered_relay);
  altered = offer;
  const std::string shorter(offer.sdp.substr(0, offer.sdp.size() - 1));
  altered.sdp = shorter;
  expect(altered, 1, Fault::altered_relay);
  ws::RelayedAnswer altered_answer = answer;
  altered_answer.sdp = offer.sdp;
  expect(altered_answer, 0, Fault::altered_relay);
}

TEST_F(RelayCheckTest, OffersThatNobodyMade) {
  ws::RelayedOffer forged = offer;
  forged.offer_id = {};
  expect(forged, 1, Fault::unknown_relay);
}

}  // namespace
}  // namespace aquatic::load_test
