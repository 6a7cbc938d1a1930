// SPDX-License-Identifier: Apache-2.0
#include "swarm/peer_table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

// Nobody has ever been seen: looks at a bucket without dropping anybody.
std::uint32_t size_of_bucket(PeerTable<PeerV4>& table, std::uint32_t bucket) {
  return table.expire(bucket, AgeLimit(0, PeerClock::kMaxStayTicks));
}

std::uint32_t largest_bucket(PeerTable<PeerV4>& table) {
  std::uint32_t largest = 0;
  for (std::uint32_t i = 0; i < table.bucket_count(); ++i) {
    largest = std::max(largest, size_of_bucket(table, i));
  }
  return largest;
}

// What an announce costs is one bucket to search and one to split: their number follows the
// peers, their size does not.
TEST(PeerTable, BucketsStaySmallAtEverySizeOnTheWayUp) {
  PeerTable<PeerV4> table(1);
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    const std::uint32_t buckets_before = table.bucket_count();
    table.insert(sample_peer<PeerV4>(i), false);
    ASSERT_LE(table.bucket_count(), buckets_before + 1);
    const bool is_checkpoint = (i & (i + 1)) == 0 || i % 30'000 == 0;
    if (is_checkpoint) {
      ASSERT_LT(largest_bucket(table), 110u) << i;
    }
  }
  EXPECT_NEAR(table.bucket_count(), 200'000 / 24, 1);
}

TEST(PeerTable, BucketsAreMergedOneByOneOnTheWayDown) {
  PeerTable<PeerV4> table(1);
  for (std::uint32_t i = 0; i < 100'000; ++i) table.insert(sample_peer<PeerV4>(i), i % 2 == 0);
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const std::uint32_t buckets_before = table.bucket_count();
    ASSERT_NE(table.remove(sample_peer<PeerV4>(i)), Presence::absent);
    ASSERT_GE(table.bucket_count() + 1, buckets_before);
    // Few empty buckets to walk over, however many have left.
    ASSERT_TRUE(table.bucket_count() <= 4 || table.size() >= 12 * (table.bucket_count() - 1));
    if (i % 30'000 == 0) {
      ASSERT_LT(largest_bucket(table), 110u);
    }
  }
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.seeders(), 0u);
}

// Peers that an attacker would choose: one address, every port; and one network, every address.
TEST(PeerTable, PeersOfOneAddressSpreadLikeAnyOther) {
  PeerTable<PeerV4> table(1);
  Endpoint endpoint = *Endpoint::parse("10.0.0.1:1");
  for (std::uint32_t port = 1; port <= UINT16_MAX; ++port) {
    endpoint.port = static_cast<std::uint16_t>(port);
    table.insert(PeerV4::from(endpoint, 0), false);
  }
  EXPECT_LT(largest_bucket(table), 110u);
}

TEST(PeerTable, DifferentSecretsPutPeersIntoDifferentBuckets) {
  PeerTable<PeerV4> a(1);
  PeerTable<PeerV4> b(2);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    a.insert(sample_peer<PeerV4>(i), false);
    b.insert(sample_peer<PeerV4>(i), false);
  }
  ASSERT_EQ(a.bucket_count(), b.bucket_count());
  std::uint32_t different = 0;
  for (std::uint32_t i = 0; i < a.bucket_count(); ++i) {
    different += size_of_bucket(a, i) != size_of_bucket(b, i);
  }
  EXPECT_GT(different, a.bucket_count() / 2);
}

TEST(PeerTable, TakesEverybodyIntoABlock) {
  PeerTable<PeerV6> table(1);
  for (std::uint32_t i = 0; i < 100; ++i) table.insert(sample_peer<PeerV6>(i), i < 40);
  auto block = table.take_all();
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(block.size(), 100u);
  EXPECT_EQ(block.seeders(), 40u);
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(block.group().remove(sample_peer<PeerV6>(i)),
              i < 40 ? Presence::seeder : Presence::leecher);
  }
}

}  // namespace
}  // namespace aquatic::swarm
