// SPDX-License-Identifier: Apache-2.0
#include "swarm/torrent_sizes.h"

#include <gtest/gtest.h>

#include "swarm/offers/offer_swarm.h"
#include "swarm/swarm.h"
#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

bool keep_all(const InfoHash&) { return true; }

TEST(TorrentSizes, OfNothing) {
  TorrentSizes sizes;
  sizes.add(0);  // Nobody is there: it does not count.
  EXPECT_EQ(sizes.torrents(), 0u);
  EXPECT_EQ(sizes.at_share(0.5), 0u);
}

TEST(TorrentSizes, SharesAndTheMost) {
  TorrentSizes sizes;
  for (std::uint32_t peers = 1; peers <= 60; ++peers) sizes.add(peers);
  sizes.add(1'000'003);
  EXPECT_EQ(sizes.torrents(), 61u);
  EXPECT_EQ(sizes.at_share(0), 1u);
  EXPECT_EQ(sizes.at_share(0.5), 31u);
  EXPECT_EQ(sizes.at_share(1), 1'000'003u) << "not the end of its bucket";
  sizes.add(UINT32_MAX);
  EXPECT_EQ(sizes.at_share(1), UINT32_MAX);
}

class SurveyTest : public testing::TestWithParam<Family> {
 protected:
  void announce(Swarm& swarm, std::uint32_t torrent, std::uint32_t peers, Seconds now = 0) {
    for (std::uint32_t peer = 0; peer < peers; ++peer) {
      swarm.announce(swarm.locate(GetParam(), sample_info_hash(torrent)),
                     {.peer = sample_endpoint(GetParam(), peer)}, now, {}, random_);
    }
  }
  Family other() const { return GetParam() == Family::ipv4 ? Family::ipv6 : Family::ipv4; }

  Random random_{1};
};

INSTANTIATE_TEST_SUITE_P(Family, SurveyTest, testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& tested) {
                           return tested.param == Family::ipv4 ? "v4" : "v6";
                         });

TEST_P(SurveyTest, IsOfWhatExpiryLeaves) {
  Swarm swarm({.max_peer_age_s = 100, .shard_count = 8, .surveys_sizes = true});
  announce(swarm, 1, 1);
  announce(swarm, 2, 5);
  announce(swarm, 3, 2000);  // More than one hold of the lock takes.
  announce(swarm, 4, 50);
  announce(swarm, 5, 3, 60);
  EXPECT_EQ(swarm.torrent_sizes(GetParam()), nullptr);
  const auto keep = [](const InfoHash& info_hash) { return info_hash != sample_info_hash(4); };
  swarm.expire_all(50, keep);
  const TorrentSizes* sizes = swarm.torrent_sizes(GetParam());
  ASSERT_NE(sizes, nullptr);
  EXPECT_EQ(sizes->torrents(), 4u);
  EXPECT_EQ(sizes->at_share(0), 1u);
  EXPECT_EQ(sizes->at_share(0.5), 3u);
  EXPECT_EQ(sizes->at_share(1), 2000u);
  ASSERT_NE(swarm.torrent_sizes(other()), nullptr);
  EXPECT_EQ(swarm.torrent_sizes(other())->torrents(), 0u);

  swarm.expire_all(150, keep);
  EXPECT_EQ(swarm.torrent_sizes(GetParam())->torrents(), 1u);
  EXPECT_EQ(swarm.torrent_sizes(GetParam())->at_share(1), 3u);
}

TEST_P(SurveyTest, IsThereOnceAllWereLookedAt) {
  constexpr std::uint32_t kTorrents = 500;
  Swarm swarm({.expire_interval_s = 10, .shard_count = 16, .surveys_sizes = true});
  for (std::uint32_t torrent = 0; torrent < kTorrents; ++torrent) announce(swarm, torrent, 2);
  // IPv4 is first: its half of the pass is over after half of the time.
  const Seconds ends_at = GetParam() == Family::ipv4 ? 5 : 10;
  for (Seconds now = 1; now < ends_at; ++now) {
    swarm.expire_some(now, keep_all);
    EXPECT_EQ(swarm.torrent_sizes(GetParam()), nullptr) << now;
  }
  swarm.expire_some(ends_at, keep_all);
  ASSERT_NE(swarm.torrent_sizes(GetParam()), nullptr);
  EXPECT_EQ(swarm.torrent_sizes(GetParam())->torrents(), kTorrents);
}

TEST_P(SurveyTest, IsNotMadeUnlessAskedFor) {
  Swarm swarm({.shard_count = 8});
  announce(swarm, 1, 1);
  swarm.expire_all(0, keep_all);
  EXPECT_EQ(swarm.torrent_sizes(GetParam()), nullptr);
}

TEST_P(SurveyTest, OfOffersToo) {
  offers::OfferSwarm swarm({.max_peer_age_s = 100, .shard_count = 8, .surveys_sizes = true});
  for (std::uint32_t torrent = 1; torrent <= 3; ++torrent) {
    for (std::uint32_t peer = 0; peer < 300 * torrent; ++peer) {
      swarm.announce({sample_info_hash(torrent), GetParam()},
                     {.peer_id = sample_peer_id(peer), .connection = {.stream = peer}, .ip = {}},
                     {}, torrent == 1 ? 0 : 90, {}, random_);
    }
  }
  EXPECT_EQ(swarm.torrent_sizes(GetParam()), nullptr);
  swarm.expire_all(101, keep_all);
  ASSERT_NE(swarm.torrent_sizes(GetParam()), nullptr);
  EXPECT_EQ(swarm.torrent_sizes(GetParam())->torrents(), 2u);
  EXPECT_EQ(swarm.torrent_sizes(GetParam())->at_share(1), 900u);
  EXPECT_EQ(swarm.torrent_sizes(other())->torrents(), 0u);
}

}  // namespace
}  // namespace aquatic::swarm
