// SPDX-License-Identifier: Apache-2.0
#include "swarm/shard.h"

#include <gtest/gtest.h>

#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

constexpr Tick kMaxAge = 100;

class ShardTest : public testing::Test {
 protected:
  void announce(std::uint32_t torrent, std::uint32_t peer, Tick now) {
    const InfoHash info_hash = sample_info_hash(torrent);
    const TorrentKey key{info_hash, Family::ipv4, 0, hasher_.table(info_hash)};
    shard_.announce(key, {sample_endpoint(Family::ipv4, peer)}, now, {}, random_, {});
  }
  void expire(Tick now, const KeepTorrent& keep = [](const InfoHash&) { return true; }) {
    shard_.expire(AgeLimit(now, kMaxAge), keep, hasher_);
  }
  void expect_totals(std::uint64_t torrents, std::uint64_t peers) {
    EXPECT_EQ(shard_.totals().torrents, torrents);
    EXPECT_EQ(shard_.totals().peers, peers);
  }

  InfoHashHasher hasher_{3};
  Random random_{5};
  Shard<PeerV4> shard_;
};

// Many holds of the lock: more torrents, and more peers of one torrent, than fit into one.
TEST_F(ShardTest, ExpiryGoesThroughAllTorrentsAndAllPeers) {
  for (std::uint32_t i = 0; i < 3000; ++i) announce(i, 1, i % 2 == 0 ? 0 : 50);
  for (std::uint32_t i = 0; i < 20'000; ++i) announce(1500, 10 + i, i % 4 == 0 ? 50 : 0);
  expect_totals(3000, 23'000);
  expire(100);
  expect_totals(3000, 23'000);
  expire(101);
  expect_totals(1501, 1500 + 5000);
  expire(151);
  expect_totals(0, 0);
}

TEST_F(ShardTest, ExpiryDropsTorrentsThatMayNotStayWithAllTheirPeers) {
  for (std::uint32_t i = 0; i < 1000; ++i) announce(i, 1, 0);
  for (std::uint32_t i = 0; i < 1000; ++i) announce(7, 10 + i, 0);
  expire(0, [](const InfoHash& info_hash) {
    return load_big_endian<std::uint32_t>(info_hash.bytes.data()) % 2 == 0;
  });
  expect_totals(500, 500);
}

TEST_F(ShardTest, IsEmptyAtFirst) {
  expire(0);
  expect_totals(0, 0);
}

}  // namespace
}  // namespace aquatic::swarm
