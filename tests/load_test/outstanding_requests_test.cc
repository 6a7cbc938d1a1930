// SPDX-License-Identifier: Apache-2.0
#include "load_test/outstanding_requests.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace aquatic::load_test {
namespace {

using Match = OutstandingRequests::Match;

SentRequest request_of(std::uint32_t peer, std::uint64_t due_ns = 0) {
  return {.due_ns = due_ns, .peer = peer, .action = udp::Action::announce};
}

TEST(OutstandingRequests, FindsTheRequestOfAResponse) {
  OutstandingRequests outstanding(4);
  const auto first = outstanding.add(request_of(1));
  const auto second = outstanding.add(request_of(2));
  EXPECT_NE(first, second);
  EXPECT_EQ(outstanding.size(), 2u);
  const auto settled = outstanding.settle(second);
  EXPECT_EQ(settled.match, Match::awaited);
  EXPECT_EQ(settled.request.peer, 2u);
  EXPECT_EQ(outstanding.settle(first).request.peer, 1u);
  EXPECT_EQ(outstanding.size(), 0u);
}

TEST(OutstandingRequests, SecondResponseIsADuplicate) {
  OutstandingRequests outstanding(1);
  const auto id = outstanding.add(request_of(1));
  outstanding.settle(id);
  EXPECT_EQ(outstanding.settle(id).match, Match::duplicate);
}

TEST(OutstandingRequests, ResponseToAGivenUpRequestIsLate) {
  OutstandingRequests outstanding(1);
  const auto id = outstanding.add(request_of(1, 100));
  EXPECT_EQ(outstanding.give_up(100), std::nullopt);
  EXPECT_EQ(outstanding.give_up(101)->peer, 1u);
  EXPECT_EQ(outstanding.settle(id).match, Match::late);
  outstanding.add(request_of(2, 200));
  EXPECT_EQ(outstanding.settle(id).match, Match::late);  // Its slot is in use again.
  EXPECT_EQ(outstanding.size(), 1u);
}

TEST(OutstandingRequests, IdsThatWereNeverGivenAreUnknown) {
  OutstandingRequests outstanding(2);
  for (const udp::TransactionId id : {0u, 1u, 2u, 0xffffu, 0x10000u, 0x10002u, 0xffffffffu}) {
    EXPECT_EQ(outstanding.settle(id).match, Match::unknown) << id;
  }
  const auto id = outstanding.add(request_of(1));
  EXPECT_EQ(outstanding.settle(id + 0x10000).match, Match::unknown);
  EXPECT_EQ(outstanding.settle(id + 2).match, Match::unknown);
  EXPECT_EQ(outstanding.settle(id).match, Match::awaited);
}

TEST(OutstandingRequests, WithdrawnRequestWasNeverSent) {
  OutstandingRequests outstanding(1);
  const auto id = outstanding.add(request_of(1));
  outstanding.withdraw(id);
  EXPECT_TRUE(outstanding.has_room());
  EXPECT_EQ(outstanding.settle(id).match, Match::unknown);
}

TEST(OutstandingRequests, GivesUpTheOldestFirst) {
  OutstandingRequests outstanding(8);
  std::vector<udp::TransactionId> ids;
  for (std::uint32_t i = 0; i < 5; ++i) ids.push_back(outstanding.add(request_of(i, 10 * i)));
  outstanding.settle(ids[1]);
  EXPECT_EQ(outstanding.give_up(25)->peer, 0u);
  EXPECT_EQ(outstanding.give_up(25)->peer, 2u);
  EXPECT_EQ(outstanding.give_up(25), std::nullopt);
  EXPECT_EQ(outstanding.size(), 2u);
}

TEST(OutstandingRequests, UsesAnIdAgainAsLateAsPossible) {
  OutstandingRequests outstanding(16);
  std::set<udp::TransactionId> ids;
  for (int i = 0; i < 16 * 60'000; ++i) {
    const auto id = outstanding.add(request_of(1));
    ASSERT_TRUE(ids.insert(id).second) << i;
    outstanding.settle(id);
  }
}

TEST(OutstandingRequests, HoldsAsManyAsItsCapacity) {
  OutstandingRequests outstanding(OutstandingRequests::kMaxCapacity);
  while (outstanding.has_room()) outstanding.add(request_of(1));
  EXPECT_EQ(outstanding.size(), OutstandingRequests::kMaxCapacity);
}

TEST(OutstandingRequestsDeathTest, RefusesTooMany) {
  OutstandingRequests outstanding(1);
  const auto id = outstanding.add(request_of(1));
  EXPECT_DEATH(outstanding.add(request_of(2)), "CHECK failed");
  outstanding.settle(id);
  EXPECT_DEATH(outstanding.withdraw(id), "CHECK failed");
  EXPECT_DEATH(OutstandingRequests(OutstandingRequests::kMaxCapacity + 1), "CHECK failed");
}

// Against a plain map, over random histories.
RC_GTEST_PROP(OutstandingRequests, RemembersLikeAMap, ()) {
  constexpr std::size_t kCapacity = 5;
  OutstandingRequests outstanding(kCapacity);
  std::map<udp::TransactionId, SentRequest> model;
  std::vector<udp::TransactionId> given;
  const auto steps = *rc::gen::container<std::vector<int>>(200, rc::gen::inRange(0, 4));
  std::uint64_t now_ns = 0;
  for (const int step : steps) {
    ++now_ns;
    RC_ASSERT(outstanding.size() == model.size());
    if (step <= 1 && model.size() < kCapacity) {
      const auto id = outstanding.add(request_of(static_cast<std::uint32_t>(now_ns), now_ns));
      RC_ASSERT(model.emplace(id, request_of(static_cast<std::uint32_t>(now_ns), now_ns)).second);
      given.push_back(id);
    } else if (step == 2 && !given.empty()) {
      const auto id = *rc::gen::elementOf(given);
      const auto settled = outstanding.settle(id);
      const auto known = model.find(id);
      RC_ASSERT((settled.match == Match::awaited) == (known != model.end()));
      RC_ASSERT(settled.match != Match::unknown);
      if (known == model.end()) continue;
      RC_ASSERT(settled.request.peer == known->second.peer);
      model.erase(known);
    } else if (step == 3) {
      const auto lost = outstanding.give_up(now_ns - std::min<std::uint64_t>(now_ns, 10));
      if (lost) std::erase_if(model, [&](auto& m) { return m.second.peer == lost->peer; });
      const auto is_old = [&](const auto& m) { return m.second.due_ns + 10 < now_ns; };
      if (!lost) RC_ASSERT(std::ranges::none_of(model, is_old));
    }
  }
}

}  // namespace
}  // namespace aquatic::load_test
