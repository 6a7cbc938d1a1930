// SPDX-License-Identifier: Apache-2.0
#include "swarm/offers/offer_swarm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "tests/swarm/offers/sample.h"

namespace aquatic::offers {
namespace {

using swarm::Status;
using testing::ElementsAre;
using testing::IsEmpty;

class OfferSwarmTest : public testing::Test {
 protected:
  // Announces and returns the streams that get the offers.
  std::vector<std::uint64_t> announce(const Announcement& announcement,
                                      std::vector<OfferId> offers = {},
                                      const Torrent& where = torrent(1)) {
    std::vector<Connection> receivers(offers.size());
    const auto announced = swarm_.announce(where, announcement, offers, now_, receivers, random_);
    is_refused_ = !announced;
    if (!announced) return {};
    last_ = *announced;
    std::vector<std::uint64_t> streams;
    for (std::uint32_t i = 0; i < announced->receiver_count; ++i) {
      streams.push_back(receivers[i].stream);
    }
    return streams;
  }
  Expected<Connection, AnswerError> answer(std::uint64_t from, std::uint64_t to,
                                           std::uint64_t offer_number) {
    return swarm_.answer(torrent(1),
                         {.peer_id = peer(from),
                          .connection = connection(from),
                          .to_peer_id = peer(to),
                          .offer_id = offer(offer_number)},
                         now_);
  }

  OfferSwarm swarm_{{.max_peer_age_s = 100,
                     .max_offer_age_s = 50,
                     .expire_interval_s = 10,
                     .max_pending_offers = 4,
                     .shard_count = 4,
                     .hash_seed = 1}};
  Random random_{1};
  Seconds now_ = 1'000;
  Announced last_;
  bool is_refused_ = false;
};

TEST_F(OfferSwarmTest, RelaysAnOfferAndItsAnswerOnce) {
  EXPECT_THAT(announce(announcement(1, Status::seeder)), IsEmpty());
  EXPECT_THAT(announce(announcement(2), {offer(7)}), ElementsAre(1));
  EXPECT_EQ(last_.counts, (swarm::Counts{.seeders = 1, .leechers = 1, .downloads = 0}));
  EXPECT_EQ(answer(1, 2, 8).error(), AnswerError::unknown_offer);
  EXPECT_EQ(answer(1, 2, 7), connection(2));
  EXPECT_EQ(answer(1, 2, 7).error(), AnswerError::unknown_offer);
}

TEST_F(OfferSwarmTest, OnlyWhoWasOfferedMayAnswer) {
  announce(announcement(1, Status::seeder));
  announce(announcement(2), {offer(7)});
  announce(announcement(3));
  EXPECT_EQ(answer(3, 2, 7).error(), AnswerError::unknown_offer) << "it was made to another";
  EXPECT_EQ(answer(4, 2, 7).error(), AnswerError::foreign_peer_id) << "nobody";
  EXPECT_EQ(answer(1, 9, 7).error(), AnswerError::unknown_peer);
  Answer forged{
      .peer_id = peer(1), .connection = connection(3), .to_peer_id = peer(2), .offer_id = offer(7)};
  EXPECT_EQ(swarm_.answer(torrent(1), forged, now_).error(), AnswerError::foreign_peer_id);
  forged.connection = connection(1);
  EXPECT_EQ(swarm_.answer(torrent(2), forged, now_).error(), AnswerError::foreign_peer_id);
  EXPECT_EQ(swarm_.answer(torrent(1, Family::ipv6), forged, now_).error(),
            AnswerError::foreign_peer_id);
  EXPECT_TRUE(answer(1, 2, 7));
}

TEST_F(OfferSwarmTest, OffersAge) {
  announce(announcement(1, Status::seeder));
  announce(announcement(2), {offer(7)});
  announce(announcement(3), {offer(8)});
  now_ += 50;
  EXPECT_TRUE(answer(1, 2, 7));
  now_ += 1;
  EXPECT_EQ(answer(1, 3, 8).error(), AnswerError::unknown_offer);
}

TEST_F(OfferSwarmTest, APeerHasALimitOfOffers) {
  announce(announcement(1, Status::seeder));
  for (std::uint64_t i = 0; i < 5; ++i) announce(announcement(2), {offer(i)});
  EXPECT_EQ(answer(1, 2, 0).error(), AnswerError::unknown_offer);
  for (std::uint64_t i = 1; i < 5; ++i) EXPECT_TRUE(answer(1, 2, i)) << i;
}

TEST_F(OfferSwarmTest, WhoLeavesTakesHisOffersAlong) {
  announce(announcement(1, Status::seeder));
  announce(announcement(2), {offer(7)});
  announce(announcement(2, Status::stopped));
  EXPECT_EQ(answer(1, 2, 7).error(), AnswerError::unknown_peer);
  announce(announcement(2));
  EXPECT_EQ(answer(1, 2, 7).error(), AnswerError::unknown_offer);
}

TEST_F(OfferSwarmTest, APeerIdIsItsConnections) {
  announce(announcement(1, Status::seeder));
  Announcement thief = announcement(3, Status::stopped);
  thief.peer_id = peer(1);
  announce(thief);
  EXPECT_TRUE(is_refused_);
  thief.status = Status::leecher;
  announce(thief, {offer(1)});
  EXPECT_TRUE(is_refused_);
  EXPECT_EQ(swarm_.scrape(torrent(1)).seeders, 1u);
  swarm_.leave(torrent(1), peer(1), connection(3));
  EXPECT_EQ(swarm_.scrape(torrent(1)).seeders, 1u);
}

TEST_F(OfferSwarmTest, AProgramComesBackOnAnotherConnection) {
  announce(announcement(1));
  announce(announcement(2));
  announce(announcement(1), {offer(7)});
  Announcement again = announcement(9);
  again.peer_id = peer(1);
  again.ip = ip(1);
  announce(again);
  EXPECT_FALSE(is_refused_);
  EXPECT_EQ(swarm_.scrape(torrent(1)).leechers, 2u) << "he is one";
  EXPECT_EQ(answer(2, 1, 7).error(), AnswerError::unknown_offer)
      << "he does not know of it any more";
  EXPECT_THAT(announce(announcement(2), {offer(1)}), ElementsAre(9));
  swarm_.leave(torrent(1), peer(1), connection(1));
  EXPECT_EQ(swarm_.scrape(torrent(1)).leechers, 2u) << "the old connection has no say";
}

TEST_F(OfferSwarmTest, AnOldPeerKeepsNobodyFromHisPeerId) {
  announce(announcement(2));
  announce(announcement(1, Status::seeder), {offer(7)});
  now_ += 101;
  announce(announcement(2));
  Announcement other = announcement(3);
  other.peer_id = peer(1);
  announce(other);
  EXPECT_FALSE(is_refused_);
  EXPECT_EQ(last_.counts, (swarm::Counts{.seeders = 0, .leechers = 2, .downloads = 0}));
  EXPECT_EQ(swarm_.totals(Family::ipv4).peers, 2u);
  Announcement first = announcement(1);
  announce(first);
  EXPECT_TRUE(is_refused_) << "the peer id is of another address now";
}

TEST_F(OfferSwarmTest, PeersOfOneConnectionDoNotMeet) {
  announce(announcement(1));
  Announcement other = announcement(1);
  other.peer_id = peer(2);
  EXPECT_THAT(announce(other, {offer(1)}), IsEmpty());
}

TEST_F(OfferSwarmTest, FamiliesAreApart) {
  announce(announcement(1));
  EXPECT_THAT(announce(announcement(2), {offer(1)}, torrent(1, Family::ipv6)), IsEmpty());
  EXPECT_EQ(swarm_.totals(Family::ipv4).peers, 1u);
  EXPECT_EQ(swarm_.totals(Family::ipv6).peers, 1u);
}

TEST_F(OfferSwarmTest, StoppedPeersMakeNoOffersAndNoTorrents) {
  announce(announcement(1));
  EXPECT_THAT(announce(announcement(2, Status::stopped), {offer(1)}), IsEmpty());
  announce(announcement(2, Status::stopped), {offer(1)}, torrent(2));
  EXPECT_EQ(swarm_.totals(Family::ipv4).torrents, 1u);
}

TEST_F(OfferSwarmTest, CountsDownloads) {
  Announcement done = announcement(1, Status::seeder);
  done.completed = true;
  announce(announcement(1));
  announce(done);
  announce(done);
  EXPECT_EQ(last_.counts.downloads, 1u);
  done.status = Status::leecher;
  announce(done);
  EXPECT_EQ(last_.counts.downloads, 1u) << "something is left";
}

TEST_F(OfferSwarmTest, ExpiresLittleByLittle) {
  for (std::uint64_t i = 0; i < 100; ++i) announce(announcement(i), {}, torrent(i));
  now_ += 101;
  swarm_.expire_some(now_, [](const InfoHash&) { return true; });
  now_ += 5;
  announce(announcement(200));
  swarm_.expire_some(now_, [](const InfoHash&) { return true; });
  now_ += 5;
  swarm_.expire_some(now_, [](const InfoHash&) { return true; });
  EXPECT_EQ(swarm_.totals(Family::ipv4).torrents, 1u);
}

TEST_F(OfferSwarmTest, ScrapesAll) {
  for (std::uint64_t i = 0; i < 50; ++i) announce(announcement(i), {}, torrent(i));
  std::set<InfoHash> seen;
  swarm::ScrapeCursor cursor;
  std::array<swarm::TorrentCounts, 7> out;
  while (const std::size_t count = swarm_.scrape_some(Family::ipv4, cursor, out)) {
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(seen.insert(out[i].info_hash).second);
  }
  EXPECT_EQ(seen.size(), 50u);
}

TEST_F(OfferSwarmTest, IsSharedByThreads) {
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kRounds = 2'000;
  std::vector<std::jthread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      Random random(thread);
      std::array<Connection, 5> receivers;
      const std::vector<OfferId> offers(5, offer(thread));
      for (std::uint64_t i = 0; i < kRounds; ++i) {
        const std::uint64_t number = thread * kRounds + i;
        const Torrent where = torrent(i % 10);
        swarm_.announce(where, announcement(number), offers, 1'000, receivers, random);
        swarm_.answer(where, Answer{peer(number), connection(number), peer(i), offer(thread)},
                      1'000);
        swarm_.scrape(where);
        if (i % 2 == 0) swarm_.leave(where, peer(number), connection(number));
      }
    });
  }
  for (int i = 0; i < 50; ++i) swarm_.expire_all(1'000, [](const InfoHash&) { return true; });
  threads.clear();
  EXPECT_EQ(swarm_.totals(Family::ipv4).peers, kThreads * kRounds / 2);
}

}  // namespace
}  // namespace aquatic::offers
