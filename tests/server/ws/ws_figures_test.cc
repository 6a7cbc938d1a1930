// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_figures.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

TEST(WsFigures, HaveWhatIsOpenAndWhatWasPassedOn) {
  WsMetrics metrics;
  metrics.of(Family::ipv4).add(WsMetric::upgrades, 9);
  metrics.of(Family::ipv4).add(WsMetric::closed, 2);
  metrics.of(Family::ipv6).add(WsMetric::offers, 5);
  metrics.of(Family::ipv6).add(WsMetric::answers, 4);
  metrics.of(Family::ipv6).add(WsMetric::dead_peers, 1);
  Figures figures;
  add_figures(metrics, 3, figures);
  ASSERT_EQ(figures.web_torrent.size(), 2u);
  EXPECT_EQ(figures.web_torrent[0].open, 7u);
  EXPECT_EQ(figures.web_torrent[1].open, 0u);
  EXPECT_EQ(at(figures.traffic[1].responses, Action::offer), 5u);
  EXPECT_EQ(at(responses_of(metrics), Action::offer_answer), 4u);
  EXPECT_EQ(std::ranges::find(figures.troubles, "ws_dead_peers", &TroubleFigures::name)->count, 1u);
}

}  // namespace
}  // namespace aquatic::server
