// SPDX-License-Identifier: Apache-2.0
#include "swarm/peer_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

constexpr std::uint64_t kSecret = 42;
// On both sides of every border between forms, and far into the last.
constexpr std::array<std::uint32_t, 14> kSizes = {0,  1,  2,  3,  4,  5,   7,
                                                  31, 33, 64, 65, 97, 500, 5000};

template <class Peer>
class PeerListTest : public testing::Test {
 protected:
  // Every third seeds.
  static PeerList<Peer> list_of(std::uint32_t size) {
    PeerList<Peer> list;
    for (std::uint32_t i = 0; i < size; ++i) list.insert(sample_peer<Peer>(i), i % 3 == 0, kSecret);
    return list;
  }

  std::vector<Endpoint> pick(PeerList<Peer>& list, std::size_t want) {
    std::vector<std::byte> room(want * Peer::kWireBytes);
    const std::size_t bytes = list.pick(room, random_);
    return endpoints_of(family_of<Peer>, Bytes(room).first(bytes));
  }

  static void expire_all(PeerList<Peer>& list, AgeLimit limit) {
    for (std::uint32_t part = list.part_count(); part > 0;) {
      list.expire(--part, limit);
      part = std::min(part, list.part_count());
    }
  }

  Random random_{7};
};

using PeerTypes = testing::Types<PeerV4, PeerV6, PeerV4WithId, PeerV6WithId>;
TYPED_TEST_SUITE(PeerListTest, PeerTypes);

TYPED_TEST(PeerListTest, CountsWhatItHolds) {
  for (const std::uint32_t size : kSizes) {
    const auto list = this->list_of(size);
    EXPECT_EQ(list.size(), size);
    EXPECT_EQ(list.seeders(), (size + 2) / 3);
  }
}

TYPED_TEST(PeerListTest, TakesTheFormThatItsSizeAsksFor) {
  EXPECT_EQ(this->list_of(PeerList<TypeParam>::kMaxBlock).is_table(), false);
  EXPECT_EQ(this->list_of(PeerList<TypeParam>::kMaxBlock + 1).is_table(), true);
}

TYPED_TEST(PeerListTest, RemovesEachPeerOnceAndSaysWhatHeWas) {
  for (const std::uint32_t size : kSizes) {
    auto list = this->list_of(size);
    EXPECT_EQ(list.remove(sample_peer<TypeParam>(size)), Presence::absent);
    for (std::uint32_t i = 0; i < size; ++i) {
      const auto peer = sample_peer<TypeParam>(i, 99);
      EXPECT_EQ(list.remove(peer), i % 3 == 0 ? Presence::seeder : Presence::leecher);
      EXPECT_EQ(list.remove(peer), Presence::absent);
      EXPECT_EQ(list.size(), size - i - 1);
      EXPECT_EQ(list.seeders(), (size + 2) / 3 - i / 3 - 1);
    }
    EXPECT_FALSE(list.is_table());
  }
}

// Lesson X16: replacing a peer once decremented the wrong one of the two counters.
TYPED_TEST(PeerListTest, X16ReplacingAPeerMovesHimBetweenTheCounts) {
  for (const std::uint32_t size : {3u, 30u, 300u}) {
    auto list = this->list_of(size);
    const std::uint32_t seeders = list.seeders();
    const auto seeder = sample_peer<TypeParam>(0);
    ASSERT_EQ(list.remove(seeder), Presence::seeder);
    list.insert(seeder, false, kSecret);
    EXPECT_EQ(list.seeders(), seeders - 1);
    EXPECT_EQ(list.size(), size);
    ASSERT_EQ(list.remove(seeder), Presence::leecher);
    list.insert(seeder, true, kSecret);
    EXPECT_EQ(list.seeders(), seeders);
    EXPECT_EQ(list.size(), size);
  }
}

// Lesson U51: odd numbers gave one too few, one gave none, and some peers were never chosen.
TYPED_TEST(PeerListTest, U51PicksExactlyAsManyDistinctPeersAsAreWantedAndThere) {
  for (const std::uint32_t size : kSizes) {
    auto list = this->list_of(size);
    for (const std::uint32_t want : {0u, 1u, 2u, 3u, 49u, 50u, 202u, size, size + 1}) {
      const auto picked = this->pick(list, want);
      EXPECT_EQ(picked.size(), std::min(want, size));
      EXPECT_EQ(std::set(picked.begin(), picked.end()).size(), picked.size());
      for (const Endpoint& endpoint : picked) {
        const auto peer = TypeParam::from(endpoint, 0);
        const Presence presence = list.remove(peer);
        ASSERT_NE(presence, Presence::absent);
        list.insert(peer, presence == Presence::seeder, kSecret);
      }
    }
  }
}

TYPED_TEST(PeerListTest, WritesNothingBehindThePeersItPicked) {
  for (const std::uint32_t size : {4u, 60u, 600u}) {
    auto list = this->list_of(size);
    // Room for ten and a half.
    std::vector<std::byte> room(10 * TypeParam::kWireBytes + TypeParam::kWireBytes / 2,
                                std::byte{0xee});
    const std::size_t bytes = list.pick(room, this->random_);
    EXPECT_EQ(bytes, std::min(size, 10u) * TypeParam::kWireBytes);
    for (std::size_t i = bytes; i < room.size(); ++i) EXPECT_EQ(room[i], std::byte{0xee});
  }
}

// Each peer is expected `mean` times. In a list that is searched from end to end the share is
// exact: five standard deviations of a binomial count are allowed. In a table neighbours come
// together and a bucket beyond the board's height is hit a little less often, hence a tenth more.
TYPED_TEST(PeerListTest, EveryPeerIsEquallyLikely) {
  for (const auto& [size, want] : {std::pair{2u, 1u},
                                   {3u, 2u},
                                   {4u, 3u},
                                   {5u, 1u},
                                   {40u, 1u},
                                   {40u, 7u},
                                   {64u, 50u},
                                   {65u, 1u},
                                   {65u, 50u},
                                   {300u, 1u},
                                   {300u, 7u},
                                   {300u, 50u},
                                   {300u, 202u}}) {
    auto list = this->list_of(size);
    constexpr std::uint32_t kMean = 1000;
    const std::uint32_t rounds = kMean * size / want;
    std::map<Endpoint, std::uint32_t> times;
    for (std::uint32_t i = 0; i < rounds; ++i) {
      for (const Endpoint& endpoint : this->pick(list, want)) ++times[endpoint];
    }
    EXPECT_EQ(times.size(), size);
    const double mean = static_cast<double>(rounds) * want / size;
    const double allowed = 5 * std::sqrt(mean) + (list.is_table() ? mean / 10 : 0);
    for (const auto& [endpoint, count] : times) {
      EXPECT_NEAR(count, mean, allowed) << endpoint.to_string() << " " << want << "/" << size;
    }
  }
}

// A tenth seeds; answers without any seeder, or full of them, would be of little use to leechers.
TYPED_TEST(PeerListTest, MixesSeedersAndLeechersInProportion) {
  PeerList<TypeParam> list;
  std::set<Endpoint> seeders;
  for (std::uint32_t i = 0; i < 60; ++i) {
    list.insert(sample_peer<TypeParam>(i), i < 6, kSecret);
    if (i < 6) seeders.insert(sample_endpoint(family_of<TypeParam>, i));
  }
  for (int round = 0; round < 100; ++round) {
    std::size_t picked_seeders = 0;
    for (const Endpoint& endpoint : this->pick(list, 25)) picked_seeders += seeders.count(endpoint);
    EXPECT_GE(picked_seeders, 2u);
    EXPECT_LE(picked_seeders, 3u);
  }
}

TYPED_TEST(PeerListTest, ExpiryDropsTheSilentAndKeepsTheRest) {
  for (const std::uint32_t size : kSizes) {
    for (const std::uint32_t keep_every : {1u, 2u, 5u, 100u, 10'000u}) {
      PeerList<TypeParam> list;
      std::uint32_t kept = 0;
      std::uint32_t kept_seeders = 0;
      for (std::uint32_t i = 0; i < size; ++i) {
        const bool stays = i % keep_every == 0;
        list.insert(sample_peer<TypeParam>(i, stays ? 100 : 99), i % 3 == 0, kSecret);
        kept += stays;
        kept_seeders += stays && i % 3 == 0;
      }
      this->expire_all(list, AgeLimit(1100, 1000));
      EXPECT_EQ(list.size(), kept);
      EXPECT_EQ(list.seeders(), kept_seeders);
      for (std::uint32_t i = 0; i < size; ++i) {
        const Presence presence = list.remove(sample_peer<TypeParam>(i));
        EXPECT_EQ(presence != Presence::absent, i % keep_every == 0);
      }
    }
  }
}

TYPED_TEST(PeerListTest, MovesWithAllItsPeers) {
  for (const std::uint32_t size : kSizes) {
    auto list = this->list_of(size);
    auto moved = std::move(list);
    auto assigned = this->list_of(70);
    assigned = std::move(moved);
    EXPECT_EQ(assigned.size(), size);
    for (std::uint32_t i = 0; i < size; ++i) {
      EXPECT_NE(assigned.remove(sample_peer<TypeParam>(i)), Presence::absent);
    }
  }
}

}  // namespace
}  // namespace aquatic::swarm
