// SPDX-License-Identifier: Apache-2.0
#include "load_test/load_window.h"

#include <gtest/gtest.h>

namespace aquatic::load_test {
namespace {

constexpr std::uint64_t kRate = 1000;

// A second in which as much was asked as answered.
LoadWindow window_of(std::uint64_t responses) {
  LoadWindow window;
  window.seconds = 1;
  window.counts.counts[static_cast<std::size_t>(LoadCount::announce_requests)] = responses;
  window.counts.counts[static_cast<std::size_t>(LoadCount::announce_responses)] = responses;
  return window;
}

void set(LoadWindow& window, LoadCount count, std::uint64_t value) {
  window.counts.counts[static_cast<std::size_t>(count)] = value;
}

CpuUse use_of(double busiest) {
  return {.running_s = busiest, .busiest_running = busiest, .busiest_ready = busiest};
}

TEST(LoadWindow, IsTheDifferenceOfTwoSamples) {
  LoadSample earlier;
  earlier.at_ns = 1'000'000'000;
  earlier.generator = {{1, {1'000'000'000, 0}}};
  earlier.tracker = ThreadTimes{{2, {0, 0}}};
  earlier.tracker_drops = 5;
  LoadSample later = earlier;
  later.at_ns = 3'000'000'000;
  later.counts.counts[static_cast<std::size_t>(LoadCount::scrape_responses)] = 10;
  later.generator = {{1, {2'000'000'000, 0}}};
  later.tracker = ThreadTimes{{2, {500'000'000, 0}}};
  later.tracker_drops = 7;
  later.generator_drops = 1;
  const LoadWindow window = between(earlier, later);
  EXPECT_DOUBLE_EQ(window.seconds, 2);
  EXPECT_DOUBLE_EQ(window.per_second(window.counts.responses()), 5);
  EXPECT_DOUBLE_EQ(window.generator.busiest_running, 0.5);
  EXPECT_DOUBLE_EQ(window.tracker->busiest_running, 0.25);
  EXPECT_DOUBLE_EQ(*window.tracker_ns_per_response(), 50'000'000);
  EXPECT_EQ(window.tracker_drops, 2u);
  EXPECT_EQ(window.generator_drops, 1u);
}

TEST(LoadWindow, LostShareIsOfRequestsWhoseFateIsKnown) {
  LoadWindow window = window_of(60);
  EXPECT_EQ(window.lost_share(), 0);
  set(window, LoadCount::lost, 30);
  window.counts.faults[0] = 10;
  EXPECT_DOUBLE_EQ(window.lost_share(), 0.3);
  EXPECT_EQ(LoadWindow{}.lost_share(), 0);
}

TEST(LoadWindow, WrongResponsesCostTheTrackerAsMuch) {
  LoadWindow window = window_of(60);
  window.counts.faults[0] = 40;
  window.tracker = use_of(1);
  EXPECT_EQ(window.answers(), 100u);
  EXPECT_DOUBLE_EQ(*window.tracker_ns_per_response(), 10'000'000);
}

TEST(LoadWindow, RelayedMessagesAreResponses) {
  LoadWindow window = window_of(1);
  set(window, LoadCount::relayed_offers, 2);
  set(window, LoadCount::relayed_answers, 4);
  EXPECT_EQ(window.answers(), 7u);
}

TEST(LoadWindow, MissingOffersAreThoseThatWereDue) {
  LoadWindow window = window_of(1);
  set(window, LoadCount::due_offers, 5);
  set(window, LoadCount::relayed_offers, 3);
  EXPECT_EQ(window.missing_offers(), 2u);
  set(window, LoadCount::relayed_offers, 6);
  EXPECT_EQ(window.missing_offers(), 0u);
}

TEST(ConnectionMemory, IsWhatWasAddedSinceBefore) {
  const ConnectionMemory memory{.bytes = 500, .bytes_before = 100, .connections = 20};
  EXPECT_EQ(memory.bytes_per_connection(), 20);
  EXPECT_FALSE((ConnectionMemory{.bytes = 500, .bytes_before = 100}).bytes_per_connection());
  EXPECT_FALSE(
      (ConnectionMemory{.bytes = 1, .bytes_before = 2, .connections = 1}).bytes_per_connection());
}

TEST(LoadWindow, NoResponsesHaveNoCost) {
  LoadWindow window = window_of(0);
  window.tracker = use_of(0.5);
  EXPECT_EQ(window.tracker_ns_per_response(), std::nullopt);
  EXPECT_EQ(window_of(5).tracker_ns_per_response(), std::nullopt);  // No tracker either.
}

TEST(Limit, NoResponses) { EXPECT_EQ(limit_of(window_of(0), 0), Limit::no_responses); }

TEST(Limit, ClosedLoopIsBoundByWhoIsBusy) {
  LoadWindow window = window_of(1000);
  window.generator = use_of(0.5);
  window.tracker = use_of(0.99);
  EXPECT_EQ(limit_of(window, 0), Limit::tracker);
  window.generator = use_of(0.99);
  EXPECT_EQ(limit_of(window, 0), Limit::tracker);
  window.tracker = use_of(0.6);
  EXPECT_EQ(limit_of(window, 0), Limit::generator);
  window.generator = use_of(0.6);
  EXPECT_EQ(limit_of(window, 0), Limit::outstanding);
}

TEST(Limit, OfAnUnknownTrackerIsTheOneOfTwoThatWeAreNot) {
  LoadWindow window = window_of(1000);
  window.generator = use_of(0.5);
  EXPECT_EQ(limit_of(window, 0), Limit::tracker);
  window.generator = use_of(0.99);
  EXPECT_EQ(limit_of(window, 0), Limit::generator);
}

TEST(Limit, APaceThatIsKeptIsTheLimitHoweverBusyWeAre) {
  LoadWindow window = window_of(kRate);
  window.generator = use_of(1);
  EXPECT_EQ(limit_of(window, kRate), Limit::rate);
  window.tracker = use_of(1);
  EXPECT_EQ(limit_of(window, kRate), Limit::rate);
}

TEST(Limit, APaceThatIsNotKeptIsOurFaultUnlessTheTrackerIsBusy) {
  LoadWindow window = window_of(kRate / 2);
  window.tracker = use_of(0.5);
  EXPECT_EQ(limit_of(window, kRate), Limit::generator);
  window.tracker = use_of(1);
  EXPECT_EQ(limit_of(window, kRate), Limit::tracker);
}

TEST(Limit, LostRequestsAreTheTrackersFaultUnlessOurSocketsDroppedThem) {
  LoadWindow window = window_of(kRate);
  set(window, LoadCount::lost, kRate / 10);
  EXPECT_EQ(limit_of(window, kRate), Limit::tracker);
  window.generator_drops = kRate / 10;
  EXPECT_EQ(limit_of(window, kRate), Limit::generator);
}

TEST(Limit, HasWords) {
  EXPECT_EQ(name_of(Limit::generator), "generator-bound");
  EXPECT_EQ(name_of(Limit::tracker), "tracker-bound");
  EXPECT_EQ(name_of(Limit::rate), "rate-bound");
}

}  // namespace
}  // namespace aquatic::load_test
