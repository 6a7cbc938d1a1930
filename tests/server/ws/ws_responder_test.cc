// SPDX-License-Identifier: Apache-2.0
// What WebTorrent requests do and what they are answered, seen from their peers.
#include "server/ws/ws_responder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ws/ws_rig.h"

namespace aquatic::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr std::string_view kTorrent = "aaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kOther = "cccccccccccccccccccc";

std::string id(char letter) { return std::string(20, letter); }

struct Announce {
  std::string_view torrent = kTorrent;
  std::string peer_id = id('p');
  std::string more = R"("left":1)";  // Further members.
};
std::string json(const Announce& announce) {
  return fmt::format(R"({{"action":"announce","info_hash":"{}","peer_id":"{}",{}}})",
                     announce.torrent, announce.peer_id, announce.more);
}

std::string offers(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) {
    list += fmt::format(R"({}{{"offer":{{"type":"offer","sdp":"v={}\r\n"}},"offer_id":"{}"}})",
                        i == 0 ? "" : ",", i, id(static_cast<char>('0' + i)));
  }
  return fmt::format(R"("left":1,"offers":[{}])", list);
}

std::string answer(const std::string& to, const std::string& offer_id) {
  return fmt::format(
      R"("to_peer_id":"{}","offer_id":"{}","answer":{{"type":"answer","sdp":"ok\n"}})", to,
      offer_id);
}

class WsResponderTest : public testing::Test {
 protected:
  // A seeder and a leecher of kTorrent, of different workers.
  void begin() {
    rig_.say(seeder_, json({.peer_id = id('s'), .more = R"("left":0)"}));
    rig_.say(leecher_, json({.peer_id = id('l')}));
    seeder_.take();
    leecher_.take();
  }

  WsRig rig_;
  WsPeer& seeder_ = rig_.connect("192.0.2.1", 0);
  WsPeer& leecher_ = rig_.connect("192.0.2.2", 1);
};

TEST_F(WsResponderTest, CountsThePeerHimself) {
  rig_.say(seeder_, json({.peer_id = id('s'), .more = R"("left":0)"}));
  EXPECT_THAT(
      seeder_.take(),
      ElementsAre(AllOf(HasSubstr(R"("action":"announce")"), HasSubstr(std::string(kTorrent)),
                        HasSubstr(R"("complete":1,"incomplete":0)"), HasSubstr(R"("interval":120)"),
                        HasSubstr(R"("min interval":60)"), HasSubstr(R"("min_interval":60)"))));
  rig_.say(leecher_, json({.peer_id = id('l')}));
  EXPECT_THAT(leecher_.take(), ElementsAre(HasSubstr(R"("complete":1,"incomplete":1)")));
  EXPECT_EQ(rig_.count(WsMetric::announce_responses), 2u);
}

TEST_F(WsResponderTest, PassesOffersAndTheirAnswersOnAcrossWorkers) {
  begin();
  rig_.say(leecher_, json({.peer_id = id('l'), .more = offers(1)}));
  EXPECT_THAT(
      seeder_.take(),
      ElementsAre(AllOf(HasSubstr(R"("action":"announce")"),
                        HasSubstr(R"("offer":{"type":"offer","sdp":"v=0\r\n"})"),
                        HasSubstr(R"("offer_id":")" + id('0')),
                        HasSubstr(R"("peer_id":")" + id('l')), HasSubstr(std::string(kTorrent)))));
  EXPECT_THAT(leecher_.take(), SizeIs(1)) << "the response";

  rig_.say(seeder_, json({.peer_id = id('s'), .more = answer(id('l'), id('0'))}));
  EXPECT_THAT(leecher_.take(),
              ElementsAre(AllOf(HasSubstr(R"("answer":{"type":"answer","sdp":"ok\n"})"),
                                HasSubstr(R"("offer_id":")" + id('0')),
                                HasSubstr(R"("peer_id":")" + id('s')))));
  EXPECT_THAT(seeder_.take(), IsEmpty()) << "nobody waits for a response to an answer";
  EXPECT_EQ(rig_.counts(kTorrent), (swarm::Counts{.seeders = 1, .leechers = 1, .downloads = 0}))
      << "an answer says nothing of what is left";

  rig_.say(seeder_, json({.peer_id = id('s'), .more = answer(id('l'), id('0'))}));
  EXPECT_THAT(leecher_.take(), IsEmpty()) << "once only";
  EXPECT_THAT(seeder_.take(),
              ElementsAre(AllOf(HasSubstr("failure reason"), HasSubstr("Could not find the offer"),
                                HasSubstr(std::string(kTorrent)))));
}

TEST_F(WsResponderTest, RefusesAnswersThatNobodyAskedFor) {
  begin();
  rig_.say(seeder_, json({.peer_id = id('s'), .more = answer(id('l'), id('0'))}));
  EXPECT_THAT(seeder_.take(), ElementsAre(HasSubstr("Could not find the offer")));
  rig_.say(leecher_, json({.peer_id = id('l'), .more = offers(1)}));
  WsPeer& forger = rig_.connect("192.0.2.3", 0);
  rig_.say(forger, json({.peer_id = id('s'), .more = answer(id('l'), id('0'))}));
  EXPECT_THAT(forger.take(), ElementsAre(HasSubstr("failure reason")));
  rig_.say(forger, json({.peer_id = id('s'), .more = answer(id('x'), id('0'))}));
  leecher_.take();
  EXPECT_THAT(leecher_.messages, IsEmpty());
  EXPECT_FALSE(forger.is_closed);
}

TEST_F(WsResponderTest, TakesAsManyOffersAsWantedAndAllowed) {
  begin();
  std::vector<WsPeer*> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(
        &rig_.connect(fmt::format("198.51.100.{}", i), static_cast<std::size_t>(i % 2)));
    rig_.say(*others.back(), json({.peer_id = id(static_cast<char>('A' + i))}));
  }
  const auto relayed = [&] { return rig_.count(WsMetric::offers); };
  rig_.say(leecher_, json({.peer_id = id('l'), .more = offers(5) + R"(,"numwant":2)"}));
  EXPECT_EQ(relayed(), 2u);
  rig_.say(leecher_, json({.peer_id = id('l'), .more = offers(5)}));
  EXPECT_EQ(relayed(), 7u);
  rig_.say(leecher_, json({.peer_id = id('l'), .more = offers(30)}));
  EXPECT_EQ(relayed(), 17u) << "max_offers is ten";
  for (const std::string& message : leecher_.take()) {
    EXPECT_THAT(message, Not(HasSubstr(R"("offer":)"))) << "nobody gets his own";
  }
}

TEST_F(WsResponderTest, AnswersStoppedAndForgetsThePeer) {
  begin();
  rig_.say(leecher_, json({.peer_id = id('l'), .more = R"("event":"stopped")"}));
  EXPECT_THAT(leecher_.take(), ElementsAre(HasSubstr(R"("complete":1,"incomplete":0)")));
  // X45: another id may be used afterwards.
  rig_.say(leecher_, json({.peer_id = id('m')}));
  EXPECT_THAT(leecher_.take(), ElementsAre(HasSubstr(R"("complete":1,"incomplete":1)")));
}

// D1, X46: several torrents with different ids are normal, several ids in one are not.
TEST_F(WsResponderTest, AConnectionHasOnePeerIdInATorrent) {
  begin();
  rig_.say(leecher_, json({.torrent = kOther, .peer_id = id('m')}));
  EXPECT_THAT(leecher_.take(), ElementsAre(HasSubstr(R"("incomplete":1)")));
  rig_.say(leecher_, json({.peer_id = id('m')}));
  EXPECT_THAT(leecher_.take(), ElementsAre(HasSubstr("Only one peer id")));
  EXPECT_FALSE(leecher_.is_closed);
}

TEST_F(WsResponderTest, APeerIdIsItsConnections) {
  begin();
  WsPeer& thief = rig_.connect("192.0.2.3", 0);
  rig_.say(thief, json({.peer_id = id('s'), .more = R"("left":0,"event":"stopped")"}));
  EXPECT_THAT(thief.take(), ElementsAre(HasSubstr("in use on another connection")));
  EXPECT_EQ(rig_.counts(kTorrent).seeders, 1u);
  // The same program, back on a new connection before the old one was seen to be dead.
  WsPeer& again = rig_.connect("192.0.2.1", 1);
  rig_.say(again, json({.peer_id = id('s'), .more = R"("left":0)"}));
  EXPECT_THAT(again.take(), ElementsAre(HasSubstr(R"("complete":1)")));
  rig_.say(leecher_, json({.peer_id = id('l'), .more = offers(1)}));
  EXPECT_THAT(again.take(), SizeIs(1));
  EXPECT_THAT(seeder_.take(), IsEmpty());
  rig_.disconnect(seeder_);
  EXPECT_EQ(rig_.counts(kTorrent).seeders, 1u) << "it is not that connection's any more";
}

// X42.
TEST_F(WsResponderTest, WhoDisconnectsLeavesAllTorrents) {
  begin();
  rig_.say(leecher_, json({.torrent = kOther, .peer_id = id('m')}));
  rig_.disconnect(leecher_);
  EXPECT_EQ(rig_.counts(kTorrent), (swarm::Counts{.seeders = 1, .leechers = 0, .downloads = 0}));
  EXPECT_EQ(rig_.counts(kOther), swarm::Counts());
  rig_.say(seeder_, json({.peer_id = id('s'), .more = offers(3)}));
  EXPECT_EQ(rig_.count(WsMetric::offers), 0u);
}

TEST_F(WsResponderTest, CountsDownloads) {
  begin();
  rig_.say(leecher_, json({.peer_id = id('l'), .more = R"("left":0,"event":"completed")"}));
  EXPECT_THAT(leecher_.take(), ElementsAre(HasSubstr(R"("downloaded":1)")));
}

TEST_F(WsResponderTest, LetsTheCensusKnowWhoAnnounces) {
  begin();
  rig_.say(seeder_, json({.torrent = kOther, .peer_id = id('s')}));
  rig_.say(leecher_, json({.torrent = kOther, .peer_id = id('z'), .more = R"("event":"stopped")"}));
  rig_.say(leecher_, json({.peer_id = id('s')}));  // Somebody else's.
  rig_.say(seeder_, json({.peer_id = id('t'), .more = answer(id('l'), id('0'))}));
  rig_.census.tick(rig_.now);
  EXPECT_EQ(rig_.census.size(), 2u);
}

TEST_F(WsResponderTest, KeepsToTheAccessList) {
  begin();
  const std::string listed = InfoHash::copy_from(as_bytes(kTorrent).data()).to_hex();
  rig_.access_list.replace(access_list::AccessList::parse(access_list::Mode::deny, listed, "f"));
  rig_.say(leecher_, json({.peer_id = id('l')}));
  EXPECT_THAT(
      leecher_.take(),
      ElementsAre(AllOf(HasSubstr("Info hash not allowed"), HasSubstr(R"("action":"announce")"),
                        HasSubstr(R"("info_hash":")" + std::string(kTorrent)))));
  rig_.say(leecher_, fmt::format(R"({{"action":"scrape","info_hash":"{}"}})", kTorrent));
  EXPECT_THAT(leecher_.take(), ElementsAre(HasSubstr(R"("complete":0)")));
  rig_.say(leecher_, json({.torrent = kOther}));
  EXPECT_THAT(leecher_.take(), ElementsAre(Not(HasSubstr("failure"))));
}

TEST_F(WsResponderTest, Scrapes) {
  begin();
  rig_.say(leecher_,
           fmt::format(R"({{"action":"scrape","info_hash":["{}","{}"]}})", kTorrent, kOther));
  EXPECT_THAT(leecher_.take(),
              ElementsAre(AllOf(HasSubstr(R"("action":"scrape")"), HasSubstr(std::string(kTorrent)),
                                HasSubstr(R"("complete":1)"), HasSubstr(std::string(kOther)),
                                HasSubstr(R"("complete":0)"))));
  rig_.say(leecher_, R"({"action":"scrape"})");
  EXPECT_THAT(leecher_.take(), ElementsAre(AllOf(HasSubstr("Full scrapes are not allowed"),
                                                 HasSubstr(R"("action":"scrape")"))));
}

TEST_F(WsResponderTest, ScrapesAllTorrentsWhereThatIsAllowed) {
  WsRig rig({.allows_full_scrape = true});
  WsPeer& peer = rig.connect();
  rig.say(peer, json({}));
  rig.say(peer, json({.torrent = kOther}));
  peer.take();
  rig.say(peer, R"({"action":"scrape"})");
  EXPECT_THAT(peer.take(),
              ElementsAre(AllOf(HasSubstr(std::string(kTorrent)), HasSubstr(std::string(kOther)))));
}

TEST_F(WsResponderTest, FamiliesMeetOnlyWhereTheyMay) {
  begin();
  WsPeer& six = rig_.connect("2001:db8::1", 0);
  rig_.say(six, json({.peer_id = id('6'), .more = offers(2)}));
  EXPECT_THAT(six.take(), ElementsAre(HasSubstr(R"("complete":0,"incomplete":1)")));
  EXPECT_THAT(seeder_.take(), IsEmpty());
  EXPECT_EQ(rig_.count(WsMetric::announce_requests, Family::ipv6), 1u);

  WsRig joined({.joins_families = true});
  WsPeer& four = joined.connect("192.0.2.1");
  WsPeer& other = joined.connect("2001:db8::1", 1);
  joined.say(four, json({.peer_id = id('4')}));
  four.take();
  joined.say(other, json({.peer_id = id('6'), .more = offers(2)}));
  EXPECT_THAT(other.take(), ElementsAre(HasSubstr(R"("incomplete":2)")));
  EXPECT_THAT(four.take(), SizeIs(1));
}

TEST_F(WsResponderTest, AConnectionHasALimitOfTorrents) {
  WsRig rig({.max_torrents_per_connection = 2});
  WsPeer& peer = rig.connect();
  for (const char letter : {'a', 'b', 'c'}) rig.say(peer, json({.torrent = id(letter)}));
  EXPECT_THAT(peer.take(), ElementsAre(Not(HasSubstr("failure")), Not(HasSubstr("failure")),
                                       HasSubstr("Too many torrents")));
  rig.say(peer, json({.torrent = id('a'), .more = R"("event":"stopped")"}));
  rig.say(peer, json({.torrent = id('c')}));
  EXPECT_THAT(peer.take(), ElementsAre(Not(HasSubstr("failure")), Not(HasSubstr("failure"))));
}

TEST_F(WsResponderTest, BadMessagesAreAnsweredWithAllThatIsKnown) {
  const std::vector<std::string> bad = {"null",
                                        "[]",
                                        R"("x")",
                                        "7",
                                        "{",
                                        "",
                                        R"({"action":"dance"})",
                                        R"({"action":"announce"})",
                                        R"({"action":"announce","info_hash":"short"})",
                                        json({.more = R"("offers":[null])"}),
                                        json({.more = R"("offers":{"length":5})"})};
  for (const std::string& message : bad) {
    rig_.say(seeder_, message);
    EXPECT_THAT(seeder_.take(),
                ElementsAre(AllOf(HasSubstr("failure reason"), HasSubstr(R"("action":)"))))
        << message;
    EXPECT_FALSE(seeder_.is_closed);
  }
  EXPECT_EQ(rig_.count(WsMetric::bad_messages), bad.size());
  rig_.say(seeder_, json({.more = R"("offers":[null])"}));
  EXPECT_THAT(seeder_.take(), ElementsAre(HasSubstr(R"("info_hash":")" + std::string(kTorrent))));
}

}  // namespace
}  // namespace aquatic::server
