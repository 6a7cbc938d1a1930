// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/udp_simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::simulation {
namespace {

using testing::IsEmpty;

// What holds whatever happens.
void expect_sound(const Outcome& outcome) {
  EXPECT_THAT(outcome.violations, IsEmpty());
  EXPECT_EQ(outcome.remaining_peers, 0);
  EXPECT_EQ(outcome.remaining_torrents, 0);
  EXPECT_GT(outcome.peers_given, 0);
}

constexpr Faults kBadNetwork = {
    .loss_percent = 10, .duplication_percent = 5, .least_delay_ms = 5, .greatest_delay_ms = 2000};

TEST(UdpSimulation, AnswersEveryRequestOnAGoodNetwork) {
  const Outcome outcome = simulate({.seed = 1});
  expect_sound(outcome);
  EXPECT_EQ(outcome.announces_given_up, 0);
  EXPECT_GT(outcome.announces_sent, 15'000);
  EXPECT_EQ(outcome.announces_answered, outcome.announces_sent);
}

TEST(UdpSimulation, StaysRightWhenDatagramsAreLostDoubledAndReordered) {
  const Outcome outcome = simulate({.seed = 2, .faults = kBadNetwork});
  expect_sound(outcome);
  // Four tries of a request and its response, each lost with 19 %.
  EXPECT_LT(outcome.announces_given_up, outcome.announces_sent / 100);
}

TEST(UdpSimulation, ServesPeersWhileOthersForgeTheirAddresses) {
  const Outcome outcome = simulate({.seed = 3,
                                    .faults = kBadNetwork,
                                    .forged_connects_per_s = 500,
                                    .forged_announces_per_s = 500,
                                    .random_datagrams_per_s = 500});
  expect_sound(outcome);
  EXPECT_LT(outcome.announces_given_up, outcome.announces_sent / 100);
}

TEST(UdpSimulation, ServesPeersWhileAHostAnnouncesEverNewTorrents) {
  const Outcome outcome = simulate({.seed = 4, .new_torrent_announces_per_s = 500});
  expect_sound(outcome);
  EXPECT_EQ(outcome.announces_given_up, 0);
}

TEST(UdpSimulation, ServesPeersWhileAHostAnnouncesOneTorrentFromEveryPort) {
  const Outcome outcome = simulate(
      {.seed = 5, .torrent_count = 10, .duration_s = 200, .hot_torrent_announces_per_s = 50});
  expect_sound(outcome);
  EXPECT_EQ(outcome.announces_given_up, 0);
}

// X24: peers and ids may expire early or late, nothing else may go wrong.
TEST(UdpSimulation, SurvivesAClockThatJumpsByHours) {
  for (const Seconds jump : {119u, 121u, 3'600u, 70'000u, 1'000'000u}) {
    const Outcome outcome = simulate({.seed = 6, .peer_count = 300, .clock_jump_s = jump});
    expect_sound(outcome);
    EXPECT_LT(outcome.announces_given_up, outcome.announces_sent / 100) << jump;
  }
}

TEST(UdpSimulation, RepeatsItselfForTheSameSeed) {
  const Scenario scenario = {.seed = 7, .peer_count = 200, .faults = kBadNetwork};
  EXPECT_EQ(simulate(scenario).history, simulate(scenario).history);
  Scenario other = scenario;
  other.seed = 8;
  EXPECT_NE(simulate(scenario).history, simulate(other).history);
}

// Eleven hours of five thousand peers.
TEST(UdpSimulation, IsRightAMillionTimes) {
  const Outcome outcome = simulate({.seed = 9,
                                    .torrent_count = 500,
                                    .peer_count = 5000,
                                    .duration_s = 8'000,
                                    .faults = {.loss_percent = 2,
                                               .duplication_percent = 2,
                                               .least_delay_ms = 5,
                                               .greatest_delay_ms = 500},
                                    .forged_announces_per_s = 20});
  expect_sound(outcome);
  EXPECT_GE(outcome.announces_answered, 1'000'000);
}

}  // namespace
}  // namespace aquatic::simulation
