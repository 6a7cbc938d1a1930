// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_peers.h"

#include <gtest/gtest.h>

#include <set>

namespace aquatic::load_test {
namespace {

WsLoadTestConfig small_config() {
  WsLoadTestConfig config;
  config.num_workers = 2;
  config.num_connections_per_worker = 5;
  config.num_idle_connections_per_worker = 20;
  config.torrents.number_of_torrents = 8;
  config.torrents.torrents_per_connection = 3;
  return config;
}

TEST(WsPeers, EachIsInItsTorrents) {
  const WsLoadTestConfig config = small_config();
  const Population population(8, 30, Popularity::harmonic);
  const WsPeers peers(config, population);
  EXPECT_EQ(peers.busy_count(), 10u);
  EXPECT_EQ(peers.count(), 50u);
  for (std::uint32_t connection = 0; connection < peers.busy_count(); ++connection) {
    EXPECT_FALSE(peers.is_idle(connection));
    std::set<std::uint32_t> torrents;
    for (std::uint32_t turn = 0; turn < 3; ++turn) {
      torrents.insert(peers.torrent_of(connection, turn));
      EXPECT_EQ(peers.torrent_of(connection, turn), peers.torrent_of(connection, turn + 3));
    }
    for (std::uint32_t torrent = 0; torrent < 20; ++torrent) {
      EXPECT_EQ(peers.has(connection, torrent), torrents.contains(torrent));
    }
  }
}

TEST(WsPeers, IdleOnesMeetNobodyElse) {
  const WsLoadTestConfig config = small_config();
  const Population population(8, 30);
  const WsPeers peers(config, population);
  for (std::uint32_t connection = 10; connection < 50; ++connection) {
    EXPECT_TRUE(peers.is_idle(connection));
    EXPECT_GE(peers.torrent_of(connection, 0), 8u);
    EXPECT_TRUE(peers.has(connection, peers.torrent_of(connection, 0)));
    EXPECT_FALSE(peers.has(connection, 0));
  }
}

TEST(WsPeers, SeedersAreAShareAndStayIt) {
  WsLoadTestConfig config = small_config();
  const Population population(8, 30);
  const WsPeers peers(config, population);
  std::size_t seeders = 0;
  for (std::uint32_t torrent = 0; torrent < 1000; ++torrent) {
    seeders += peers.is_seeder(1, torrent);
    EXPECT_EQ(peers.is_seeder(1, torrent), peers.is_seeder(1, torrent));
  }
  EXPECT_GT(seeders, 150u);
  EXPECT_LT(seeders, 350u);
  config.torrents.peer_seeder_probability = 1;
  EXPECT_TRUE(peers.is_seeder(1, 1));
  EXPECT_FALSE(peers.is_seeder(10, 9));  // An idle one.
}

}  // namespace
}  // namespace aquatic::load_test
