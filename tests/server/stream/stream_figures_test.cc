// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_figures.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

TEST(StreamFigures, AddUpTroublesButNotWorkers) {
  StreamMetrics metrics;
  metrics.set(StreamMetric::open, 3);
  metrics.set(StreamMetric::refused, 2);
  Figures figures;
  add_figures(metrics, 0, figures);
  add_figures(metrics, 1, figures);
  ASSERT_EQ(figures.streams.size(), 2u);
  EXPECT_EQ(figures.streams[1].worker, 1u);
  EXPECT_EQ(figures.streams[1].open, 3u);
  EXPECT_EQ(
      std::ranges::find(figures.troubles, "tcp_refused_connections", &TroubleFigures::name)->count,
      4u);
}

}  // namespace
}  // namespace aquatic::server
