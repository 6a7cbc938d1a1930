// SPDX-License-Identifier: Apache-2.0
#include "server/status/figure_rates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::SizeIs;

TrafficFigures traffic(Protocol protocol, Family family, std::uint32_t worker,
                       std::uint64_t announces) {
  TrafficFigures figures{.protocol = protocol, .family = family, .worker = worker};
  figures.requests[static_cast<std::size_t>(Action::any)] = announces;
  figures.responses[static_cast<std::size_t>(Action::announce)] = announces;
  figures.received_bytes = 98 * announces;
  figures.sent_bytes = 20 * announces;
  return figures;
}

TEST(TrafficRates, AreOfAllWorkersAndTheTimeBetween) {
  Figures before;
  before.uptime_s = 100;
  before.traffic = {traffic(Protocol::udp, Family::ipv4, 0, 500)};
  Figures now;
  now.uptime_s = 110;
  now.traffic = {traffic(Protocol::udp, Family::ipv4, 0, 1500),
                 traffic(Protocol::udp, Family::ipv4, 1, 1000),
                 traffic(Protocol::http, Family::ipv6, 0, 50)};
  const auto rates = traffic_rates(now, &before);
  ASSERT_THAT(rates, SizeIs(2));
  EXPECT_EQ(rates[0].protocol, Protocol::udp);
  EXPECT_EQ(rates[0].family, Family::ipv4);
  EXPECT_DOUBLE_EQ(rates[0].requests, 200);
  EXPECT_DOUBLE_EQ(rates[0].responses, 200);
  EXPECT_DOUBLE_EQ(rates[0].responses_by_action[static_cast<std::size_t>(Action::announce)], 200);
  EXPECT_DOUBLE_EQ(rates[0].received_megabits, 200 * (98 + 28) * 8 / 1e6);
  EXPECT_DOUBLE_EQ(rates[0].sent_megabits, 200 * (20 + 28) * 8 / 1e6);
  EXPECT_EQ(rates[1].family, Family::ipv6);
  EXPECT_DOUBLE_EQ(rates[1].requests, 5);
  EXPECT_DOUBLE_EQ(rates[1].received_megabits, 0) << "counted by connections";
}

TEST(TrafficRates, AreSinceTheStartWithoutAnEarlierMoment) {
  Figures now;
  now.traffic = {traffic(Protocol::ws, Family::ipv4, 0, 50)};
  EXPECT_DOUBLE_EQ(traffic_rates(now, nullptr)[0].requests, 50) << "no time has passed";
  now.uptime_s = 10;
  EXPECT_DOUBLE_EQ(traffic_rates(now, nullptr)[0].requests, 5);
}

TEST(StreamRates, AreOfAllWorkers) {
  Figures before;
  before.uptime_s = 5;
  before.streams = {{.open = 7, .accepted = 10, .received_bytes = 0, .sent_bytes = 1'000'000}};
  Figures now;
  now.uptime_s = 10;
  now.streams = {
      {.open = 2, .accepted = 20, .received_bytes = 1'250'000, .sent_bytes = 1'000'000},
      {.worker = 1, .open = 3, .accepted = 5, .handshakes = 10, .resumed_handshakes = 5}};
  const StreamRates rates = stream_rates(now, &before);
  EXPECT_EQ(rates.open, 5u);
  EXPECT_DOUBLE_EQ(rates.accepted, 3);
  EXPECT_DOUBLE_EQ(rates.received_megabits, 2);
  EXPECT_DOUBLE_EQ(rates.sent_megabits, 0);
  EXPECT_DOUBLE_EQ(rates.handshakes, 2);
  EXPECT_DOUBLE_EQ(rates.resumed_handshakes, 1);
}

}  // namespace
}  // namespace aquatic::server
