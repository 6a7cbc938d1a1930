// SPDX-License-Identifier: Apache-2.0
#include "server/status/swarm_census.h"

#include <gtest/gtest.h>

#include <array>

#include "base/random.h"

namespace aquatic::server {
namespace {

InfoHash hash_of(std::uint32_t number) {
  InfoHash hash{};
  store_big_endian(hash.bytes.data(), number);
  return hash;
}

class SwarmCensusTest : public testing::Test {
 protected:
  void announce(Family family, std::uint32_t torrent, int count, swarm::Status status,
                bool completed = false) {
    for (int i = 0; i < count; ++i) {
      const Endpoint peer{family == Family::ipv4 ? *IpAddress::parse("192.0.2.1")
                                                 : *IpAddress::parse("2001:db8::1"),
                          next_port_++};
      swarm_.announce(swarm_.locate(family, hash_of(torrent)),
                      {.peer = peer, .status = swarm::Status::leecher}, 0, {}, random_);
      swarm_.announce(swarm_.locate(family, hash_of(torrent)),
                      {.peer = peer, .status = status, .completed = completed}, 0, {}, random_);
    }
  }

  swarm::Swarm swarm_{{.shard_count = 4}};
  Random random_{1};
  std::uint16_t next_port_ = 1;
};

using enum swarm::Status;

TEST_F(SwarmCensusTest, AddsUpWhatTheSwarmDoesNot) {
  announce(Family::ipv4, 1, 3, seeder, true);
  announce(Family::ipv4, 2, 2, leecher);
  announce(Family::ipv6, 1, 4, seeder);
  SwarmCensus census(swarm_, false);
  EXPECT_EQ(census.sums(Family::ipv4).seeders, 0u) << "before the first pass";
  census.count_some();
  EXPECT_EQ(census.sums(Family::ipv4).seeders, 3u);
  EXPECT_EQ(census.sums(Family::ipv4).downloads, 3u);
  EXPECT_EQ(census.sums(Family::ipv6).seeders, 4u);
  EXPECT_TRUE(census.ranking().by_peers.empty()) << "no info hash is kept";
}

TEST_F(SwarmCensusTest, RanksTheTorrentsOfBothFamilies) {
  announce(Family::ipv4, 1, 3, seeder);
  announce(Family::ipv6, 1, 3, leecher);
  announce(Family::ipv4, 2, 5, leecher);
  announce(Family::ipv6, 3, 4, seeder);
  SwarmCensus census(swarm_, true);
  census.count_some();
  const auto& ranking = census.ranking();
  ASSERT_EQ(ranking.by_peers.size(), 3u);
  EXPECT_EQ(ranking.by_peers[0].info_hash, hash_of(1));
  EXPECT_EQ(ranking.by_peers[0].count, 6u);
  EXPECT_EQ(ranking.by_peers[1].info_hash, hash_of(2));
  EXPECT_EQ(ranking.by_peers[2].info_hash, hash_of(3));
  ASSERT_EQ(ranking.by_seeders.size(), 2u) << "without a seeder there is no rank";
  EXPECT_EQ(ranking.by_seeders[0].info_hash, hash_of(3));
  EXPECT_EQ(ranking.by_seeders[1].count, 3u);
}

TEST_F(SwarmCensusTest, LooksAtManySomeAtATimeAndKeepsTheLargest) {
  constexpr std::uint32_t kTorrents = 3000;
  for (std::uint32_t i = 0; i < kTorrents; ++i) announce(Family::ipv4, i, 1, leecher);
  for (std::uint32_t i = 0; i < 120; ++i) announce(Family::ipv4, i * 7, 2, seeder);
  SwarmCensus census(swarm_, true);
  std::size_t ticks = 0;
  do {
    census.count_some();
    ASSERT_LE(++ticks, kTorrents);
  } while (census.ranking().by_peers.empty());
  EXPECT_EQ(ticks, (kTorrents + SwarmCensus::kLeastPerTick - 1) / SwarmCensus::kLeastPerTick);
  EXPECT_EQ(census.sums(Family::ipv4).seeders, 240u);
  ASSERT_EQ(census.ranking().by_peers.size(), SwarmCensus::kRanks);
  for (std::uint32_t i = 0; i < SwarmCensus::kRanks; ++i) {
    EXPECT_EQ(census.ranking().by_peers[i].count, 3u);
    EXPECT_EQ(census.ranking().by_peers[i].info_hash, hash_of(i * 7)) << "equals are in order";
  }
}

TEST_F(SwarmCensusTest, StartsAnewWithEachPass) {
  announce(Family::ipv4, 1, 2, seeder);
  SwarmCensus census(swarm_, true);
  for (int i = 0; i < 3; ++i) census.count_some();
  EXPECT_EQ(census.sums(Family::ipv4).seeders, 2u);
  EXPECT_EQ(census.ranking().by_peers.size(), 1u);
}

}  // namespace
}  // namespace aquatic::server
