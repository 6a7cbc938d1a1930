// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_figures.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

TEST(HttpFigures, CountAllErrorsAsSuch) {
  HttpMetrics metrics;
  metrics.of(Family::ipv4).add(HttpMetric::announce_requests, 9);
  metrics.of(Family::ipv4).add(HttpMetric::announce_responses, 5);
  metrics.of(Family::ipv4).add(HttpMetric::failure_responses, 4);
  metrics.of(Family::ipv6).add(HttpMetric::error_responses, 2);
  Figures figures;
  add_figures(metrics, 1, figures);
  ASSERT_EQ(figures.traffic.size(), 2u);
  EXPECT_EQ(figures.traffic[0].protocol, Protocol::http);
  EXPECT_EQ(at(figures.traffic[0].requests, Action::announce), 9u);
  EXPECT_EQ(at(figures.traffic[0].responses, Action::announce), 5u);
  EXPECT_EQ(at(responses_of(metrics), Action::error), 6u);
  EXPECT_EQ(
      std::ranges::find(figures.troubles, "http_error_responses", &TroubleFigures::name)->count,
      2u);
}

}  // namespace
}  // namespace aquatic::server
