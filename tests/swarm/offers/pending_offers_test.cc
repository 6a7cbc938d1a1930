// SPDX-License-Identifier: Apache-2.0
#include "swarm/offers/pending_offers.h"

#include <gtest/gtest.h>

namespace aquatic::offers {
namespace {

constexpr PendingOffers::Limits kLimits{.max_age_s = 10, .max_count = 3};
// Tags that agree in one half.
constexpr PendingOffers::Tag kTag = 0x1111'1111'2222'2222;
constexpr PendingOffers::Tag kSameLow = 0x3333'3333'2222'2222;
constexpr PendingOffers::Tag kSameHigh = 0x1111'1111'3333'3333;

TEST(PendingOffers, AreTakenOnce) {
  PendingOffers offers;
  offers.add(kTag, 5, kLimits);
  EXPECT_FALSE(offers.take(kSameLow, 5, kLimits));
  EXPECT_FALSE(offers.take(kSameHigh, 5, kLimits));
  EXPECT_TRUE(offers.take(kTag, 5, kLimits));
  EXPECT_FALSE(offers.take(kTag, 5, kLimits));
}

TEST(PendingOffers, AreTakenUpToTheirAge) {
  PendingOffers offers;
  offers.add(kTag, 5, kLimits);
  EXPECT_TRUE(offers.take(kTag, 15, kLimits));
  offers.add(kTag, 5, kLimits);
  EXPECT_FALSE(offers.take(kTag, 16, kLimits));
  offers.add(1, 16, kLimits);
  EXPECT_EQ(offers.size(), 1u) << "the old one has made room";
}

// Threads read the clock apart, and a pass of expiry keeps the time at which it began.
TEST(PendingOffers, AreNotOldWhenTheyAreFromTheFuture) {
  PendingOffers offers;
  offers.add(kTag, 6, kLimits);
  offers.expire(5, kLimits);
  EXPECT_EQ(offers.size(), 1u);
  offers.add(1, 5, kLimits);
  EXPECT_TRUE(offers.take(kTag, 5, kLimits));
  EXPECT_TRUE(offers.take(1, 5, kLimits));
}

TEST(PendingOffers, TheOldestMakesRoom) {
  PendingOffers offers;
  for (PendingOffers::Tag tag = 1; tag <= 4; ++tag) offers.add(tag, 5, kLimits);
  EXPECT_EQ(offers.size(), 3u);
  EXPECT_FALSE(offers.take(1, 5, kLimits));
  for (PendingOffers::Tag tag = 2; tag <= 4; ++tag) EXPECT_TRUE(offers.take(tag, 5, kLimits));
}

TEST(PendingOffers, Expire) {
  PendingOffers offers;
  offers.add(1, 5, kLimits);
  offers.add(2, 8, kLimits);
  offers.expire(15, kLimits);
  EXPECT_EQ(offers.size(), 2u);
  offers.expire(16, kLimits);
  EXPECT_EQ(offers.size(), 1u);
  offers.clear();
  EXPECT_EQ(offers.size(), 0u);
  PendingOffers none;
  none.add(1, 5, {.max_age_s = 10, .max_count = 0});
  EXPECT_EQ(none.size(), 0u);
}

}  // namespace
}  // namespace aquatic::offers
