// SPDX-License-Identifier: Apache-2.0
#include "server/status/peers_per_torrent.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

TEST(PeersPerTorrent, AreTheSharesByTheirNames) {
  swarm::TorrentSizes sizes;
  for (std::uint32_t peers = 1; peers <= 50; ++peers) sizes.add(peers);
  sizes.add(12'345);
  SwarmFigures figures;
  set_peers_per_torrent(figures, &sizes);
  EXPECT_TRUE(figures.has_histogram);
  const auto named = [&](std::string_view name) {
    const auto* const found = std::ranges::find(PeersPerTorrent::kNames, name);
    return figures.peers_per_torrent
        .peers[static_cast<std::size_t>(found - PeersPerTorrent::kNames.begin())];
  };
  EXPECT_EQ(named("min"), 1u);
  EXPECT_EQ(named("p10"), 6u);
  EXPECT_EQ(named("p50"), 26u);
  EXPECT_EQ(named("max"), 12'345u);
}

TEST(PeersPerTorrent, AreNotThereWithoutASurvey) {
  SwarmFigures figures;
  set_peers_per_torrent(figures, nullptr);
  EXPECT_FALSE(figures.has_histogram);
}

}  // namespace
}  // namespace aquatic::server
