// SPDX-License-Identifier: Apache-2.0
#include "swarm/shard_lock.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace aquatic::swarm {
namespace {

TEST(ShardLock, IsTakenByOneAtATime) {
  ShardLock lock;
  EXPECT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

// Long enough holds that some sleep: a lost wake-up would hang the test, a lost exclusion lose a
// count (and fail under ThreadSanitizer).
TEST(ShardLock, LosesNoCountAndNoWaiter) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20'000;
  ShardLock lock;
  int count = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        const std::lock_guard hold(lock);
        ++count;
        if (round % 1000 == 0) std::this_thread::yield();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(count, kThreads * kRounds);
}

}  // namespace
}  // namespace aquatic::swarm
