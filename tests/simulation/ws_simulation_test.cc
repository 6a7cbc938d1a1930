// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/ws_simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/ws/ws_connection.h"

namespace aquatic::simulation {
namespace {

using testing::IsEmpty;

// What holds whatever happens.
void expect_sound(const WsOutcome& outcome) {
  EXPECT_THAT(outcome.violations, IsEmpty());
  EXPECT_EQ(outcome.remaining_peers, 0);
  EXPECT_EQ(outcome.remaining_torrents, 0);
  EXPECT_GT(outcome.offers, 0);
  EXPECT_GT(outcome.answers, 0);
  EXPECT_LE(outcome.offers, outcome.offers_due);
  EXPECT_LE(outcome.answers, outcome.answers_due);
}

TEST(WsSimulation, PassesEverythingOnAmongThoseWhoStay) {
  const WsOutcome outcome = simulate({.seed = 1});
  expect_sound(outcome);
  EXPECT_EQ(outcome.offers, outcome.offers_due);
  EXPECT_EQ(outcome.answers, outcome.answers_due);
  EXPECT_EQ(outcome.failures, 0);
  EXPECT_EQ(outcome.connections, 400);
}

TEST(WsSimulation, IsRightWhilePeersComeAndGo) {
  const WsOutcome outcome = simulate({.seed = 2, .restless = 60});
  expect_sound(outcome);
  EXPECT_GT(outcome.connections, 700);
  EXPECT_GT(outcome.dead, 0) << "those who came back on another connection";
  EXPECT_GT(outcome.failures, 0) << "those who came back from another address";
}

TEST(WsSimulation, FindsThoseWhoHang) {
  const WsOutcome outcome = simulate({.seed = 3, .restless = 10, .hanging = 50});
  expect_sound(outcome);
  EXPECT_GT(outcome.dead, 100);
}

TEST(WsSimulation, LetsGoOfThoseWhoDoNotRead) {
  const WsOutcome outcome = simulate({.seed = 4, .torrent_count = 5, .restless = 10, .slow = 60});
  expect_sound(outcome);
  EXPECT_GT(outcome.too_slow, 10);
}

TEST(WsSimulation, IsNotTakenInByLiars) {
  const WsOutcome outcome = simulate({.seed = 5, .restless = 10, .lying = 60});
  expect_sound(outcome);
  EXPECT_GT(outcome.failures, 500);
}

TEST(WsSimulation, BearsNonsense) {
  const WsOutcome outcome = simulate({.seed = 6, .restless = 10, .babbling = 50});
  expect_sound(outcome);
  EXPECT_GT(outcome.broken_frames, 50);
  EXPECT_GT(outcome.too_bad, 50);
}

TEST(WsSimulation, ForgetsThoseWhoDoNotAnnounce) {
  expect_sound(simulate({.seed = 7, .duration_s = 400, .restless = 10, .sleepy = 70}));
}

TEST(WsSimulation, FamiliesMayMeet) {
  const WsOutcome outcome =
      simulate({.seed = 8, .restless = 20, .joins_families = true, .denies_a_torrent = true});
  expect_sound(outcome);
  EXPECT_GT(outcome.failures, 0);
}

TEST(WsSimulation, RepeatsItselfForTheSameSeed) {
  const WsScenario scenario = {
      .seed = 9, .program_count = 150, .restless = 40, .slow = 10, .lying = 20, .babbling = 10};
  EXPECT_EQ(simulate(scenario).history, simulate(scenario).history);
  WsScenario other = scenario;
  other.seed = 10;
  EXPECT_NE(simulate(scenario).history, simulate(other).history);
}

WsScenario crowd() {
  return {.seed = 11,
          .program_count = 3000,
          .torrent_count = 300,
          .duration_s = 110,
          .restless = 30,
          .hanging = 10,
          .slow = 5,
          .lying = 10,
          .babbling = 5,
          .sleepy = 5};
}

TEST(WsSimulation, IsRightAHundredThousandTimes) {
  const WsOutcome outcome = simulate(crowd());
  expect_sound(outcome);
  EXPECT_GT(outcome.most_connections, 2'000);
  EXPECT_GT(outcome.messages(), 100'000);
}

// The place of a connection at its worker is kept for the next, as buffers are.
TEST(WsSimulation, LeavesNothingBehind) {
  WsScenario scenario = crowd();
  scenario.program_count = 400;
  scenario.duration_s = 60;
  scenario.generations = 3;
  const WsOutcome outcome = simulate(scenario);
  expect_sound(outcome);
  ASSERT_EQ(outcome.live_bytes.size(), 3);
  constexpr std::size_t kBuffers = 64 * 1024;
  EXPECT_LT(outcome.live_bytes[0],
            outcome.most_connections * sizeof(server::WsConnection) + kBuffers);
  EXPECT_LT(outcome.live_bytes[2], outcome.live_bytes[1] + kBuffers);
}

}  // namespace
}  // namespace aquatic::simulation
