// SPDX-License-Identifier: Apache-2.0
#include "load_test/request_queue.h"

#include <gtest/gtest.h>

namespace aquatic::load_test {
namespace {

TEST(RequestQueue, RequestsAreAnsweredInTheirOrder) {
  RequestQueue<int> queue(2);
  int pushed = 0;
  int popped = 0;
  for (int round = 0; round < 5; ++round) {
    while (queue.has_room()) queue.push(pushed++);
    EXPECT_EQ(queue.size(), 2u);
    EXPECT_EQ(queue.oldest(), popped);
    EXPECT_EQ(queue.pop(), popped++);
  }
}

TEST(RequestQueue, ClearedItIsEmpty) {
  RequestQueue<int> queue(2);
  queue.push(1);
  queue.push(2);
  queue.clear();
  EXPECT_EQ(queue.size(), 0u);
  queue.push(3);
  EXPECT_EQ(queue.pop(), 3);
}

}  // namespace
}  // namespace aquatic::load_test
