// SPDX-License-Identifier: Apache-2.0
#include "net/deadlines.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace aquatic::net {
namespace {

using Slot = Deadlines::Slot;

constexpr Deadlines::Limits kLimits{5, 10, 60, 20, 3};

TEST(DeadlinesTest, NothingIsDueWithoutStreams) {
  const Deadlines deadlines(kLimits);
  EXPECT_EQ(deadlines.due(1'000'000), std::nullopt);
  EXPECT_EQ(deadlines.wait_of(7), std::nullopt);
}

TEST(DeadlinesTest, AStreamIsDueAfterItsLimit) {
  Deadlines deadlines(kLimits);
  deadlines.set(3, Wait::message, 100);
  EXPECT_EQ(deadlines.wait_of(3), Wait::message);
  EXPECT_EQ(deadlines.due(110), std::nullopt);
  EXPECT_EQ(deadlines.due(111), 3u);
  EXPECT_EQ(deadlines.due(111), 3u) << "until it is set or cleared";
  deadlines.clear(3);
  EXPECT_EQ(deadlines.due(111), std::nullopt);
  EXPECT_EQ(deadlines.wait_of(3), std::nullopt);
}

TEST(DeadlinesTest, TheSameWaitBeginsAgain) {
  Deadlines deadlines(kLimits);
  deadlines.set(0, Wait::idle, 0);
  deadlines.set(1, Wait::idle, 10);
  deadlines.set(0, Wait::idle, 20);
  EXPECT_EQ(deadlines.due(71), 1u);
  deadlines.clear(1);
  EXPECT_EQ(deadlines.due(80), std::nullopt);
  EXPECT_EQ(deadlines.due(81), 0u);
}

TEST(DeadlinesTest, NewLimitsHoldForWaitsThatHaveBegun) {
  Deadlines deadlines(kLimits);
  deadlines.set(0, Wait::message, 0);
  Deadlines::Limits limits = kLimits;
  limits[static_cast<std::size_t>(Wait::message)] = 3;
  deadlines.set_limits(limits);
  EXPECT_EQ(deadlines.due(3), std::nullopt);
  EXPECT_EQ(deadlines.due(4), 0u);
  deadlines.set_limits(kLimits);
  EXPECT_EQ(deadlines.due(4), std::nullopt);
}

TEST(DeadlinesTest, AStreamWaitsForOneThing) {
  Deadlines deadlines(kLimits);
  deadlines.set(0, Wait::handshake, 0);
  deadlines.set(0, Wait::idle, 4);
  EXPECT_EQ(deadlines.due(6), std::nullopt);
  EXPECT_EQ(deadlines.wait_of(0), Wait::idle);
}

// What a map of slots does, looking at all of them.
struct Model {
  std::map<Slot, std::pair<Wait, Seconds>> waits;

  bool is_due(Slot slot, Seconds now) const {
    const auto [wait, since] = waits.at(slot);
    return now - since > kLimits[static_cast<std::size_t>(wait)];
  }
  bool is_any_due(Seconds now) const {
    return std::ranges::any_of(waits, [&](const auto& entry) { return is_due(entry.first, now); });
  }
};

RC_GTEST_PROP(DeadlinesTest, AgreesWithALookAtEveryStream, (std::vector<std::uint32_t> steps)) {
  Deadlines deadlines(kLimits);
  Model model;
  Seconds now = 0;
  for (const std::uint32_t step : steps) {
    const Slot slot = step % 7;
    now += (step >> 3) % 4;
    if ((step >> 5) % 4 == 0) {
      deadlines.clear(slot);
      model.waits.erase(slot);
    } else {
      const Wait wait = static_cast<Wait>((step >> 7) % static_cast<unsigned>(Wait::count));
      deadlines.set(slot, wait, now);
      model.waits[slot] = {wait, now};
    }
    while (const auto due = deadlines.due(now)) {
      RC_ASSERT(model.is_due(*due, now));
      deadlines.clear(*due);
      model.waits.erase(*due);
    }
    RC_ASSERT(!model.is_any_due(now));
    for (Slot each = 0; each < 7; ++each) {
      const auto found = model.waits.find(each);
      RC_ASSERT(deadlines.wait_of(each) ==
                (found == model.waits.end() ? std::nullopt : std::optional(found->second.first)));
    }
  }
}

}  // namespace
}  // namespace aquatic::net
