// SPDX-License-Identifier: Apache-2.0
#include "load_test/population.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/bytes.h"

namespace aquatic::load_test {
namespace {

TEST(Population, HasWhatWasAskedFor) {
  const Population population(100, 2500);
  EXPECT_EQ(population.torrent_count(), 100u);
  EXPECT_EQ(population.peers().size(), 2500u);
  for (const SimulatedPeer& peer : population.peers()) {
    EXPECT_LT(peer.torrent, 100u);
    EXPECT_NE(peer.port, 0);
  }
}

TEST(Population, IsAlwaysTheSame) {
  const Population a(1000, 5000);
  const Population b(1000, 5000);
  const auto is_same = [](const SimulatedPeer& x, const SimulatedPeer& y) {
    return x.torrent == y.torrent && x.port == y.port;
  };
  EXPECT_TRUE(std::ranges::equal(a.peers(), b.peers(), is_same));
}

TEST(Population, InfoHashesDifferAndLookRandom) {
  constexpr std::uint32_t kTorrents = 100'000;
  std::set<InfoHash> info_hashes;
  std::array<int, 256> first_bytes{};
  for (std::uint32_t i = 0; i < kTorrents; ++i) {
    const InfoHash info_hash = Population::info_hash(i);
    info_hashes.insert(info_hash);
    ++first_bytes[std::to_integer<std::size_t>(info_hash.bytes[0])];
  }
  EXPECT_EQ(info_hashes.size(), kTorrents);
  // 391 on average; the standard deviation is 20.
  EXPECT_GT(*std::ranges::min_element(first_bytes), 280);
  EXPECT_LT(*std::ranges::max_element(first_bytes), 500);
}

// The distribution that the original documents for twice as many peers as torrents.
TEST(Population, AFewTorrentsHaveMostPeers) {
  const Population population(100'000, 200'000);
  const auto counts = population.peers_per_torrent();
  const auto share_of_first = [&counts](std::ptrdiff_t count) {
    return std::accumulate(counts.begin(), counts.begin() + count, 0.0) / 200'000;
  };
  EXPECT_NEAR(share_of_first(100), 0.29, 0.02);
  EXPECT_NEAR(share_of_first(1000), 0.72, 0.02);
  EXPECT_NEAR(static_cast<double>(*std::ranges::max_element(counts)), 727, 100);
}

TEST(Population, HarmonicWeightsLeaveSomethingForAll) {
  const auto counts = Population(10, 10'000, Popularity::harmonic).peers_per_torrent();
  EXPECT_NEAR(counts[0], 10.0 * counts[9], 1000);
  EXPECT_NEAR(counts[0], 3414, 300);  // Of the tenth harmonic number, 2.93.
}

TEST(Population, PeerIdsAreNumbered) {
  EXPECT_EQ(as_text(Population::peer_id(42).bytes), "-AT0100-000000000042");
}

TEST(Population, PeersPerTorrentAddUp) {
  const auto counts = Population(10, 1000).peers_per_torrent();
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0u), 1000u);
}

TEST(Population, MayHaveNoPeers) { EXPECT_TRUE(Population(1, 0).peers().empty()); }

TEST(PopulationDeathTest, HasTorrents) { EXPECT_DEATH(Population(0, 5), "CHECK failed"); }

}  // namespace
}  // namespace aquatic::load_test
