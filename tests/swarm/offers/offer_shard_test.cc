// SPDX-License-Identifier: Apache-2.0
// What a shard counts and gives back. What it does for peers is tested with OfferSwarm.
#include "swarm/offers/offer_shard.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/live_memory.h"
#include "tests/swarm/offers/sample.h"

namespace aquatic::offers {
namespace {

class OfferShardTest : public testing::Test {
 protected:
  OfferShardTest() { shard_.begin(rules_, 1); }

  void announce(std::uint64_t torrent_number, std::uint64_t peer_number,
                swarm::Status status = swarm::Status::leecher, Seconds now = 0) {
    std::array<OfferId, 3> offers{};
    std::array<Connection, 3> receivers;
    EXPECT_TRUE(shard_.announce(torrent(torrent_number).info_hash,
                                announcement(peer_number, status), offers, now, receivers,
                                random_));
  }
  static bool keep_all(const InfoHash&) { return true; }

  const Rules rules_{.max_peer_age_s = 100, .offers = {}, .hasher = PeerIdHasher(1)};
  Random random_{1};
  OfferShard shard_;
};

TEST_F(OfferShardTest, CountsWhatIsThere) {
  announce(1, 1, swarm::Status::seeder);
  announce(1, 2);
  announce(2, 2);
  EXPECT_EQ(shard_.totals().torrents, 2u);
  EXPECT_EQ(shard_.totals().peers, 3u);
  EXPECT_EQ(shard_.totals().seeders, 1u);
  announce(1, 2, swarm::Status::seeder);
  EXPECT_EQ(shard_.totals().seeders, 2u);
  shard_.leave(torrent(1).info_hash, peer(1), connection(1));
  announce(2, 2, swarm::Status::stopped);
  EXPECT_EQ(shard_.totals().torrents, 1u) << "a torrent without peers is gone at once";
  EXPECT_EQ(shard_.totals().peers, 1u);
  EXPECT_EQ(shard_.totals().seeders, 1u);
}

TEST_F(OfferShardTest, ExpiresPeersAndTorrents) {
  for (std::uint64_t i = 0; i < 1000; ++i) announce(i % 100, i, swarm::Status::leecher, i % 2);
  shard_.expire(101, keep_all);
  EXPECT_EQ(shard_.totals().peers, 500u);
  EXPECT_EQ(shard_.totals().torrents, 50u);
  shard_.expire(101, [](const InfoHash& info_hash) { return info_hash == torrent(1).info_hash; });
  EXPECT_EQ(shard_.totals().torrents, 1u);
  EXPECT_EQ(shard_.totals().peers, 10u);
  shard_.expire(102, keep_all);
  EXPECT_EQ(shard_.totals().torrents, 0u);
  EXPECT_EQ(shard_.totals().peers, 0u);
}

TEST_F(OfferShardTest, ScrapesAllInPieces) {
  for (std::uint64_t i = 0; i < 10; ++i) announce(i, i);
  std::array<swarm::TorrentCounts, 4> out;
  EXPECT_EQ(shard_.scrape_some(0, out), 4u);
  EXPECT_EQ(shard_.scrape_some(8, out), 2u);
  EXPECT_EQ(shard_.scrape_some(10, out), 0u);
}

// Against what the allocator says: its own share of each block is not told.
TEST_F(OfferShardTest, KnowsWhatItTakes) {
  const std::uint64_t before = shard_.totals().memory_bytes;
  const std::size_t heap_before = test::live_heap_bytes();
  for (std::uint64_t i = 0; i < 20'000; ++i) announce(i % 2'000, i);
  for (std::uint64_t i = 0; i < 20'000; ++i) announce(7, i);
  shard_.expire(0, keep_all);
  const auto grown = static_cast<double>(test::live_heap_bytes() - heap_before);
  const auto told = static_cast<double>(shard_.totals().memory_bytes - before);
  EXPECT_NEAR(told / grown, 1, 0.2) << told << " of " << grown;
  shard_.expire(1'000, keep_all);
  EXPECT_LT(shard_.totals().memory_bytes - before, told / 50);
}

// X40: what has left takes no memory.
TEST_F(OfferShardTest, GivesMemoryBack) {
  const std::size_t before = test::live_heap_bytes();
  constexpr std::uint64_t kPeers = 20'000;
  for (std::uint64_t i = 0; i < kPeers; ++i) announce(i % 5'000, i);
  for (std::uint64_t i = 0; i < kPeers; ++i) announce(7, i);
  const std::size_t full = test::live_heap_bytes();
  shard_.expire(1'000, keep_all);
  EXPECT_EQ(shard_.totals().torrents, 0u);
  ASSERT_GT(full, before + kPeers * sizeof(OfferTorrent::Peer));
  EXPECT_LT(test::live_heap_bytes() - before, (full - before) / 50);
}

}  // namespace
}  // namespace aquatic::offers
