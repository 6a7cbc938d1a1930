// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "load_test/offer_origin.h"
#include "protocol/ws/message_reader.h"

namespace aquatic::load_test {
namespace {

class WsRequestsTest : public testing::Test {
 protected:
  static WsLoadTestConfig small_config() {
    WsLoadTestConfig config;
    config.num_connections_per_worker = 4;
    config.num_idle_connections_per_worker = 1;
    config.torrents.number_of_torrents = 10;
    config.torrents.torrents_per_connection = 2;
    config.torrents.offers_per_request = 3;
    return config;
  }

  // As the tracker reads it; lasts until the next.
  ws::Request decode(const ByteBuffer& out) {
    Bytes rest = out.bytes();
    ws::PartialMessage partial;
    const auto received = reader_.next(rest, partial);
    EXPECT_TRUE(rest.empty());
    return decoder_.decode(std::get<ws::Message>(received.value().value()).payload).value();
  }

  WsLoadTestConfig config_ = small_config();
  Population population_{10, 8, Popularity::harmonic};
  WsPeers peers_{config_, population_};
  OfferLedger ledger_{4};
  WsRequests requests_{config_, peers_, ledger_, 1};
  ws::MessageReader reader_{ws::Side::client, {}};
  ws::RequestDecoder decoder_{{}, 65'536};
};

TEST_F(WsRequestsTest, AnAnnounceHasItsOffers) {
  WsHistory history;
  ByteBuffer out;
  const WsSentRequest sent = requests_.choose(2, history, 7);
  EXPECT_FALSE(sent.is_scrape());
  requests_.encode(sent, 2, history, out);
  EXPECT_EQ(history.announces, 1u);
  EXPECT_EQ(history.offers, 3u);
  const auto announce = std::get<ws::AnnounceRequest>(decode(out));
  EXPECT_EQ(announce.info_hash, Population::info_hash(peers_.torrent_of(2, 0)));
  EXPECT_EQ(announce.peer_id, Population::peer_id(2));
  EXPECT_EQ(announce.event, ws::Event::started);
  EXPECT_EQ(announce.numwant, 3u);
  ASSERT_EQ(announce.offers.size(), 3u);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(origin_of(announce.offers[i].offer_id).serial, i + 1);
    EXPECT_EQ(ledger_.relay(2, i + 1), OfferLedger::Arrival::first);
  }
}

TEST_F(WsRequestsTest, EachTorrentIsStartedOnce) {
  WsHistory history{.announces = 2};
  ByteBuffer out;
  requests_.encode(requests_.choose(2, history, 7), 2, history, out);
  EXPECT_EQ(std::get<ws::AnnounceRequest>(decode(out)).event, ws::Event::none);
}

TEST_F(WsRequestsTest, IdleConnectionsOfferNothing) {
  config_.torrents.weight_announce = 0;
  config_.torrents.weight_scrape = 1;
  WsHistory history;
  ByteBuffer out;
  requests_.encode(requests_.choose(4, history, 7), 4, history, out);
  EXPECT_TRUE(std::get<ws::AnnounceRequest>(decode(out)).offers.empty());
}

TEST_F(WsRequestsTest, AnAnswerGoesToWhoOffered) {
  const ws::RelayedOffer offer{.info_hash = Population::info_hash(3),
                               .peer_id = Population::peer_id(1),
                               .offer_id = offer_id_of({.connection = 1, .serial = 9}),
                               .sdp = R"("v=0")"};
  ByteBuffer out;
  requests_.encode_answer(offer, 3, 2, out);
  const auto announce = std::get<ws::AnnounceRequest>(decode(out));
  ASSERT_TRUE(announce.answer.has_value());
  EXPECT_EQ(announce.answer->to_peer_id, offer.peer_id);
  EXPECT_EQ(announce.answer->offer_id, offer.offer_id);
  EXPECT_EQ(announce.peer_id, Population::peer_id(2));
  EXPECT_EQ(announce.is_seeder, peers_.is_seeder(2, 3));
}

TEST_F(WsRequestsTest, AScrapeExpectsWhatItAsksFor) {
  config_.torrents.weight_announce = 0;
  config_.torrents.weight_scrape = 1;
  WsHistory history;
  for (int i = 0; i < 100; ++i) {
    ByteBuffer out;
    const WsSentRequest sent = requests_.choose(2, history, 7);
    ASSERT_TRUE(sent.is_scrape());
    requests_.encode(sent, 2, history, out);
    const auto scrape = std::get<ws::ScrapeRequest>(decode(out));
    const WsExpectation expected = requests_.expectation_of(sent, 2);
    EXPECT_TRUE(std::ranges::equal(scrape.info_hashes, expected.torrents));
    EXPECT_GE(expected.torrents.size(), 1u);
    EXPECT_LE(expected.torrents.size(), 5u);
  }
}

}  // namespace
}  // namespace aquatic::load_test
