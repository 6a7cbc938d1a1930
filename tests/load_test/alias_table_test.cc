// SPDX-License-Identifier: Apache-2.0
#include "load_test/alias_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>
#include <vector>

namespace aquatic::load_test {
namespace {

std::vector<double> shares_drawn(const std::vector<double>& weights, int draws) {
  const AliasTable table(weights);
  Random random(5);
  std::vector<double> shares(weights.size());
  for (int i = 0; i < draws; ++i) shares[table.draw(random)] += 1.0 / draws;
  return shares;
}

// 100,000 draws: the standard deviation of a share is 0.0016 at the most.
TEST(AliasTable, DrawsInProportionToTheWeights) {
  const std::vector<double> weights = {1, 0, 3, 0.5, 5.5};
  const auto shares = shares_drawn(weights, 100'000);
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(shares[i], weights[i] / 10, 0.01);
  EXPECT_EQ(shares[1], 0);
}

TEST(AliasTable, EqualWeightsAreEqual) {
  for (const double share : shares_drawn(std::vector<double>(8, 0.1), 100'000)) {
    EXPECT_NEAR(share, 1.0 / 8, 0.01);
  }
}

TEST(AliasTable, OneWeightIsAlwaysDrawn) {
  const AliasTable table(std::vector<double>{7});
  Random random(5);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(table.draw(random), 0u);
}

RC_GTEST_PROP(AliasTable, DrawsOnlyWhatHasWeight, (std::uint64_t seed)) {
  auto weights = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 100), [](int w) { return w / 4.0; })));
  if (std::accumulate(weights.begin(), weights.end(), 0.0) <= 0) weights[0] = 1;
  const AliasTable table(weights);
  Random random(seed);
  for (int i = 0; i < 100; ++i) {
    const auto index = table.draw(random);
    RC_ASSERT(index < weights.size());
    RC_ASSERT(weights[index] > 0);
  }
}

TEST(AliasTableDeathTest, RefusesWeightsThatCannotBeDrawn) {
  EXPECT_DEATH(AliasTable(std::vector<double>{}), "CHECK failed");
  EXPECT_DEATH(AliasTable(std::vector<double>{0, 0}), "CHECK failed");
  EXPECT_DEATH(AliasTable(std::vector<double>{2, -1}), "CHECK failed");
}

RC_GTEST_PROP(DrawShare, IsBelowOne, (std::uint64_t seed)) {
  Random random(seed);
  const double share = draw_share(random);
  RC_ASSERT(share >= 0 && share < 1);
}

}  // namespace
}  // namespace aquatic::load_test
