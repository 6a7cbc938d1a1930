// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::ContainsRegex;

TEST(StreamStatistics, CountsFromTheLastReportAndShowsWhatIsOpen) {
  StreamMetrics first;
  StreamMetrics second;
  const ReportTimer::Time start{};
  StreamStatistics statistics(start);
  const auto report = [&](std::chrono::seconds at) {
    CounterSums<StreamMetric> sums;
    sums.add(first);
    sums.add(second);
    std::string text;
    statistics.append(text, sums, start + at);
    return text;
  };
  first.set(StreamMetric::accepted, 30);
  report(std::chrono::seconds(3));
  first.set(StreamMetric::accepted, 40);
  first.set(StreamMetric::open, 4);
  second.set(StreamMetric::open, 5);
  second.set(StreamMetric::received_bytes, 250'000);
  const std::string text = report(std::chrono::seconds(5));
  EXPECT_THAT(text, ContainsRegex("accepted/s +5\\.00"));
  EXPECT_THAT(text, ContainsRegex("open +9\n"));
  EXPECT_THAT(text, ContainsRegex("Mbit/s in +1\\.00"));
}

}  // namespace
}  // namespace aquatic::server
