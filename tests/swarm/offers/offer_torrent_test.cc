// SPDX-License-Identifier: Apache-2.0
#include "swarm/offers/offer_torrent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "tests/swarm/offers/sample.h"

namespace aquatic::offers {
namespace {

class OfferTorrentTest : public testing::Test {
 protected:
  void add(std::uint64_t number, bool is_seeder, Seconds announced_at = 0) {
    torrent_.add({.peer_id = peer(number),
                  .announced_at = announced_at,
                  .connection = connection(number),
                  .ip_tag = number,
                  .offers = {}},
                 is_seeder, rules_);
  }
  // The streams that get offers of a peer of this connection.
  std::vector<std::uint64_t> choose(std::uint64_t from, bool is_seeder, std::size_t count,
                                    Seconds now = 0) {
    std::vector<OfferId> offers(count);
    std::vector<Connection> receivers(count);
    std::vector<PendingOffers::Tag> tags(count);
    const Connection own = connection(from);
    receivers.resize(torrent_.choose({.from = own, .is_seeder = is_seeder, .offers = offers}, now,
                                     receivers, tags, random_, rules_));
    std::vector<std::uint64_t> streams;
    for (const Connection& receiver : receivers) streams.push_back(receiver.stream);
    return streams;
  }
  void expect_sound(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t i = first; i <= last; ++i) {
      const OfferTorrent::Peer* const found = torrent_.find(peer(i), rules_);
      ASSERT_NE(found, nullptr) << i;
      EXPECT_EQ(found->connection, connection(i));
    }
  }

  Rules rules_{.max_peer_age_s = 100, .offers = {}, .hasher = PeerIdHasher(1)};
  Random random_{1};
  OfferTorrent torrent_{InfoHash()};
};

TEST_F(OfferTorrentTest, FindsPeersWithAndWithoutAnIndex) {
  constexpr std::uint64_t kPeers = 100;
  for (std::uint64_t i = 0; i < kPeers; ++i) {
    add(i, i % 3 == 0);
    expect_sound(0, i);
  }
  EXPECT_EQ(torrent_.counts(), (swarm::Counts{.seeders = 34, .leechers = 66, .downloads = 0}));
  EXPECT_EQ(torrent_.find(peer(kPeers), rules_), nullptr);
  for (std::uint64_t i = 0; i < kPeers; ++i) {
    torrent_.remove(*torrent_.find(peer(i), rules_), rules_);
    EXPECT_EQ(torrent_.find(peer(i), rules_), nullptr);
    expect_sound(i + 1, kPeers - 1);
  }
  EXPECT_EQ(torrent_.counts(), swarm::Counts());
}

TEST_F(OfferTorrentTest, PeersChangeSides) {
  for (std::uint64_t i = 0; i < 40; ++i) add(i, false);
  for (std::uint64_t i = 0; i < 40; i += 2) {
    OfferTorrent::Peer& moved = torrent_.set_seeder(*torrent_.find(peer(i), rules_), true, rules_);
    EXPECT_EQ(moved.peer_id, peer(i));
    EXPECT_TRUE(torrent_.is_seeder(moved));
  }
  EXPECT_EQ(torrent_.seeders(), 20u);
  expect_sound(0, 39);
  torrent_.set_seeder(*torrent_.find(peer(4), rules_), false, rules_);
  EXPECT_FALSE(torrent_.is_seeder(*torrent_.find(peer(4), rules_)));
  EXPECT_TRUE(torrent_.is_seeder(*torrent_.find(peer(6), rules_)));
  expect_sound(0, 39);
}

TEST_F(OfferTorrentTest, ChoosesExactlyAsManyAsThereAre) {
  for (std::uint64_t i = 0; i < 30; ++i) add(i, i < 10);
  for (std::size_t count = 0; count < 40; ++count) {
    const auto of_leecher = choose(20, false, count);
    EXPECT_EQ(of_leecher.size(), std::min<std::size_t>(count, 29));
    EXPECT_EQ(std::set(of_leecher.begin(), of_leecher.end()).size(), of_leecher.size());
    EXPECT_EQ(std::count(of_leecher.begin(), of_leecher.end(), 20), 0);
    const auto of_seeder = choose(5, true, count);
    EXPECT_EQ(of_seeder.size(), std::min<std::size_t>(count, 20)) << "no seeder needs a seeder";
    for (const std::uint64_t stream : of_seeder) EXPECT_GE(stream, 10u);
  }
  expect_sound(0, 29);
}

TEST_F(OfferTorrentTest, LeechersOfferToSeedersFirst) {
  for (std::uint64_t i = 0; i < 30; ++i) add(i, i < 10);
  const auto chosen = choose(20, false, 12);
  EXPECT_EQ(
      std::count_if(chosen.begin(), chosen.end(), [](std::uint64_t stream) { return stream < 10; }),
      10);
}

// Each with the same chance: chi-square of 99 degrees of freedom, beyond which one in a million is.
TEST_F(OfferTorrentTest, ChoosesEachAboutEquallyOften) {
  constexpr std::uint64_t kPeers = 101;
  constexpr int kRounds = 20'000;
  constexpr double kGreatest = 180;
  for (std::uint64_t i = 0; i < kPeers; ++i) add(i, false);
  std::array<int, kPeers> counts{};
  for (int i = 0; i < kRounds; ++i) {
    for (const std::uint64_t stream : choose(0, false, 5)) ++counts[stream];
  }
  EXPECT_EQ(counts[0], 0);
  const double expected = kRounds * 5.0 / (kPeers - 1);
  double chi_square = 0;
  for (std::uint64_t i = 1; i < kPeers; ++i) {
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, kGreatest);
}

TEST_F(OfferTorrentTest, PassesOverPeersThatAreTooOld) {
  for (std::uint64_t i = 0; i < 40; ++i) add(i, i < 20, i % 2 == 0 ? 0 : 50);
  EXPECT_EQ(choose(1, false, 40, 100).size(), 39u) << "as old as they may be";
  const auto chosen = choose(1, false, 40, 101);
  EXPECT_EQ(chosen.size(), 19u);
  for (const std::uint64_t stream : chosen) EXPECT_EQ(stream % 2, 1u);
  EXPECT_EQ(torrent_.size(), 20u) << "they are gone";
  for (std::uint64_t i = 1; i < 40; i += 2) EXPECT_NE(torrent_.find(peer(i), rules_), nullptr);
}

// Thousands of dead peers do not make one announce slow, and not for ever.
TEST_F(OfferTorrentTest, LooksAtABoundedNumberOfDeadPeers) {
  for (std::uint64_t i = 0; i < 5'000; ++i) add(i, false, 0);
  add(9'999, false, 200);
  choose(9'998, false, 10, 200);
  EXPECT_GT(torrent_.size(), 4'000u);
  for (int i = 0; i < 30; ++i) choose(9'998, false, 10, 200);
  EXPECT_EQ(choose(9'998, false, 10, 200), std::vector<std::uint64_t>{9'999});
}

TEST_F(OfferTorrentTest, ExpiresInParts) {
  for (std::uint64_t i = 0; i < 100; ++i) add(i, i < 30, i % 4 == 0 ? 60 : 0);
  OfferTorrent::Position position = UINT32_MAX;
  int parts = 0;
  std::size_t offer_bytes = 0;
  do {
    position = torrent_.expire(position, 7, 150, rules_, offer_bytes);
    ++parts;
  } while (position > 0);
  EXPECT_EQ(parts, 15);
  EXPECT_EQ(torrent_.size(), 25u);
  EXPECT_EQ(torrent_.seeders(), 8u);
  for (std::uint64_t i = 0; i < 100; i += 4) EXPECT_NE(torrent_.find(peer(i), rules_), nullptr);
}

}  // namespace
}  // namespace aquatic::offers
