// SPDX-License-Identifier: Apache-2.0
#include "server/stream/crowd_memory.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

constexpr std::uint64_t kCrowd = 10 * CrowdMemory::kLeastCrowd;

// Told twice, so that nobody seems to be leaving any more.
bool settle(CrowdMemory& memory, std::uint64_t open) {
  memory.update(open);
  return memory.update(open);
}

TEST(CrowdMemory, WaitsUntilHalfOfTheCrowdHasLeft) {
  CrowdMemory memory;
  EXPECT_FALSE(settle(memory, kCrowd));
  EXPECT_FALSE(settle(memory, kCrowd / 2 + 1));
  EXPECT_TRUE(settle(memory, kCrowd / 2));
}

TEST(CrowdMemory, WaitsWhileMoreAreLeaving) {
  CrowdMemory memory;
  memory.update(kCrowd);
  EXPECT_FALSE(memory.update(kCrowd / 4));
  EXPECT_FALSE(memory.update(1));
  EXPECT_TRUE(memory.update(1));
}

TEST(CrowdMemory, DoesNotWaitUntilNobodyComes) {
  CrowdMemory memory;
  memory.update(kCrowd);
  memory.update(1);
  EXPECT_TRUE(memory.update(2));
}

TEST(CrowdMemory, GivesBackOnceForEachCrowd) {
  CrowdMemory memory;
  memory.update(kCrowd);
  EXPECT_TRUE(settle(memory, 0));
  EXPECT_FALSE(settle(memory, 0));
  EXPECT_FALSE(settle(memory, kCrowd));
  EXPECT_TRUE(settle(memory, 1));
}

TEST(CrowdMemory, LeavesFewAlone) {
  CrowdMemory memory;
  memory.update(CrowdMemory::kLeastCrowd - 1);
  EXPECT_FALSE(settle(memory, 0));
  memory.update(CrowdMemory::kLeastCrowd);
  EXPECT_TRUE(settle(memory, 0));
}

}  // namespace
}  // namespace aquatic::server
