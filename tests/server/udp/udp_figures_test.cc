// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_figures.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

TEST(UdpFigures, AreOfBothFamiliesAndTheSocket) {
  UdpMetrics metrics;
  metrics.of(Family::ipv4).add(UdpMetric::requests, 9);
  metrics.of(Family::ipv4).add(UdpMetric::connect_responses, 3);
  metrics.of(Family::ipv4).add(UdpMetric::malformed, 2);
  metrics.of(Family::ipv6).add(UdpMetric::malformed, 1);
  metrics.of(Family::ipv6).add(UdpMetric::scrape_responses, 4);
  metrics.socket.set(UdpSocketMetric::kernel_drops, 5);
  Figures figures;
  constexpr std::array kBoth = {Family::ipv4, Family::ipv6};
  add_figures(metrics, 7, kBoth, figures);
  ASSERT_EQ(figures.traffic.size(), 2u);
  EXPECT_EQ(figures.traffic[0].worker, 7u);
  EXPECT_EQ(at(figures.traffic[0].requests, Action::any), 9u);
  EXPECT_EQ(at(figures.traffic[0].responses, Action::connect), 3u);
  EXPECT_EQ(at(figures.traffic[1].responses, Action::scrape), 4u);
  const auto trouble = [&](std::string_view name) {
    return std::ranges::find(figures.troubles, name, &TroubleFigures::name)->count;
  };
  EXPECT_EQ(trouble("udp_malformed_datagrams"), 3u);
  EXPECT_EQ(trouble("udp_kernel_drops"), 5u);
  const ActionCounts responses = responses_of(metrics);
  EXPECT_EQ(at(responses, Action::connect), 3u);
  EXPECT_EQ(at(responses, Action::scrape), 4u);
}

}  // namespace
}  // namespace aquatic::server
