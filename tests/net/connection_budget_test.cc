// SPDX-License-Identifier: Apache-2.0
#include "net/connection_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace aquatic::net {
namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

TEST(ConnectionBudgetTest, LimitsAllConnections) {
  ConnectionBudget budget(2, 0);
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_FALSE(budget.take(ip("192.0.2.2")));
  EXPECT_EQ(budget.size(), 2u);
  budget.give_back(ip("192.0.2.1"));
  EXPECT_EQ(budget.size(), 1u);
  EXPECT_TRUE(budget.take(ip("192.0.2.2")));
}

TEST(ConnectionBudgetTest, LimitsConnectionsOfOneAddress) {
  ConnectionBudget budget(0, 2);
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_FALSE(budget.take(ip("192.0.2.1")));
  EXPECT_TRUE(budget.take(ip("192.0.2.2")));
  EXPECT_EQ(budget.size(), 3u);
  budget.give_back(ip("192.0.2.1"));
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
}

TEST(ConnectionBudgetTest, NewLimitsCountWhatIsThereAlready) {
  ConnectionBudget budget(0, 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  budget.set_limits(0, 3);
  EXPECT_FALSE(budget.take(ip("192.0.2.1")));
  EXPECT_TRUE(budget.take(ip("192.0.2.2")));
  budget.set_limits(4, 0);
  EXPECT_FALSE(budget.take(ip("192.0.2.1")));
  budget.give_back(ip("192.0.2.2"));
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  for (int i = 0; i < 4; ++i) budget.give_back(ip("192.0.2.1"));
  EXPECT_EQ(budget.size(), 0u);
}

TEST(ConnectionBudgetTest, ExemptAddressesCountOnlyAmongAll) {
  ConnectionBudget budget(3, 1, *IpNetworks::parse("192.0.2.0/24"));
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_TRUE(budget.take(ip("198.51.100.1")));
  EXPECT_FALSE(budget.take(ip("192.0.2.1")));
  budget.give_back(ip("192.0.2.1"));
  EXPECT_FALSE(budget.take(ip("198.51.100.1")));
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
}

TEST(ConnectionBudgetTest, WhatIsRefusedCountsNowhere) {
  ConnectionBudget budget(1, 1);
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(budget.take(ip("192.0.2.1")));
    EXPECT_FALSE(budget.take(ip("192.0.2.2")));
  }
  EXPECT_EQ(budget.size(), 1u);
  budget.give_back(ip("192.0.2.1"));
  EXPECT_TRUE(budget.take(ip("192.0.2.2")));
}

TEST(ConnectionBudgetTest, Ipv6CountsByItsNetwork) {
  ConnectionBudget budget(0, 1);
  EXPECT_TRUE(budget.take(ip("2001:db8:0:1::1")));
  EXPECT_FALSE(budget.take(ip("2001:db8:0:1:ffff::2")));
  EXPECT_TRUE(budget.take(ip("2001:db8:0:2::1")));
  budget.give_back(ip("2001:db8:0:1:ffff::2"));
  EXPECT_TRUE(budget.take(ip("2001:db8:0:1::3")));
}

TEST(ConnectionBudgetTest, FamiliesDoNotMeet) {
  ConnectionBudget budget(0, 1);
  EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_TRUE(budget.take(ip("0:0:c000:201::")));
  EXPECT_TRUE(budget.take(ip("c000:201::")));
}

TEST(ConnectionBudgetTest, ZeroIsNoLimit) {
  ConnectionBudget budget(0, 0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(budget.take(ip("192.0.2.1")));
  EXPECT_EQ(budget.size(), 1000u);
}

TEST(ConnectionBudgetTest, ThreadsNeverHaveMoreThanTheLimits) {
  constexpr std::size_t kThreads = 4;
  constexpr int kRounds = 5'000;
  constexpr int kMaxConnections = 3;
  ConnectionBudget budget(kMaxConnections, 2);
  std::atomic<int> taken = 0;
  std::atomic<int> most = 0;
  const auto work = [&](std::size_t number) {
    const IpAddress address = ip(number % 2 == 0 ? "192.0.2.1" : "2001:db8::1");
    for (int i = 0; i < kRounds; ++i) {
      if (!budget.take(address)) continue;
      const int count = ++taken;
      int seen = most.load();
      while (seen < count && !most.compare_exchange_weak(seen, count)) {
      }
      --taken;
      budget.give_back(address);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most.load(), kMaxConnections);
  EXPECT_GT(most.load(), 0);
  EXPECT_EQ(budget.size(), 0u);
  EXPECT_TRUE(budget.take(ip("192.0.2.1")) && budget.take(ip("192.0.2.1")));
}

}  // namespace
}  // namespace aquatic::net
