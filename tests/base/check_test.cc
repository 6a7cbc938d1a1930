// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <gtest/gtest.h>

namespace aquatic {
namespace {

TEST(Check, PassesWhatHolds) {
  CHECK(1 + 1 == 2);
  DCHECK(1 + 1 == 2);
}

TEST(Check, EvaluatesItsConditionOnce) {
  int evaluations = 0;
  CHECK(++evaluations > 0);
  EXPECT_EQ(evaluations, 1);
}

TEST(CheckDeathTest, NamesTheBrokenInvariantAndItsPlace) {
  const int bound = 3;
  EXPECT_DEATH(CHECK(bound > 4), "check_test\\.cc:[0-9]+: CHECK failed: bound > 4");
}

#ifdef NDEBUG
TEST(Check, DebugCheckIsNotEvaluatedInReleaseBuilds) {
  int evaluations = 0;
  DCHECK(++evaluations > 1);
  EXPECT_EQ(evaluations, 0);
}
#else
TEST(CheckDeathTest, DebugCheckAbortsInDebugBuilds) {
  EXPECT_DEATH(DCHECK(false), "CHECK failed: false");
}
#endif

}  // namespace
}  // namespace aquatic
