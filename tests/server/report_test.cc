// SPDX-License-Identifier: Apache-2.0
#include "server/report.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

enum class Metric { first, second, count };

TEST(CounterSums, AddUp) {
  metrics::Counters<Metric> one;
  metrics::Counters<Metric> other;
  one.add(Metric::first, 3);
  other.add(Metric::first, 4);
  other.add(Metric::second, 5);
  CounterSums<Metric> sums;
  sums.add(one);
  sums.add(other);
  EXPECT_EQ(sums.of(Metric::first), 7u);
  EXPECT_EQ(sums.of(Metric::second), 5u);
}

TEST(Rates, AreDifferencesByTime) {
  metrics::Counters<Metric> counters;
  counters.add(Metric::first, 10);
  CounterSums<Metric> before;
  before.add(counters);
  counters.add(Metric::first, 30);
  CounterSums<Metric> now;
  now.add(counters);
  EXPECT_DOUBLE_EQ(Rates(now, before, 4).of(Metric::first), 7.5);
  EXPECT_DOUBLE_EQ(Rates(now, before, 4).of(Metric::second), 0);
}

TEST(ReportTimer, TellsTheTimeBetweenReportsAndNeverNone) {
  const ReportTimer::Time start{};
  ReportTimer timer(start);
  EXPECT_DOUBLE_EQ(timer.lap(start + std::chrono::seconds(3)), 3);
  EXPECT_DOUBLE_EQ(timer.lap(start + std::chrono::seconds(5)), 2);
  EXPECT_GT(timer.lap(start + std::chrono::seconds(5)), 0);
}

TEST(ReportLines, StandInColumns) {
  std::string report;
  append_rate(report, 2, "requests/s", 17);
  append_rate(report, 4, "announce", 1.005e6);
  append_total(report, "torrents", 12);
  EXPECT_EQ(report,
            "  requests/s                         17.00\n"
            "    announce                    1005000.00\n"
            "  torrents                           12\n");
}

}  // namespace
}  // namespace aquatic::server
