// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using std::chrono::seconds;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class HttpStatisticsTest : public testing::Test {
 protected:
  std::string report(seconds at) { return statistics_.report(workers_, families_, start_ + at); }

  HttpStatistics::Time start_{};
  HttpStatistics statistics_{start_};
  HttpMetrics first_;
  HttpMetrics second_;
  std::vector<const HttpMetrics*> workers_ = {&first_, &second_};
  std::vector<FamilyTotals> families_ = {{Family::ipv4, {.torrents = 3, .peers = 5}}};
};

TEST_F(HttpStatisticsTest, SumsWorkersAndDividesByTheTimeThatPassed) {
  first_.of(Family::ipv4).add(HttpMetric::announce_requests, 30);
  second_.of(Family::ipv4).add(HttpMetric::scrape_requests, 10);
  EXPECT_THAT(report(seconds(4)), ContainsRegex("requests/s +10\\.00"));
}

TEST_F(HttpStatisticsTest, CountsFromTheLastReport) {
  first_.of(Family::ipv4).add(HttpMetric::failure_responses, 30);
  report(seconds(3));
  first_.of(Family::ipv4).add(HttpMetric::failure_responses, 4);
  EXPECT_THAT(report(seconds(5)), ContainsRegex("failure +2\\.00"));
}

TEST_F(HttpStatisticsTest, ShowsTotalsAsTheyAre) {
  const std::string text = report(seconds(1));
  EXPECT_THAT(text, ContainsRegex("torrents +3\n"));
  EXPECT_THAT(text, ContainsRegex("peers +5\n"));
  EXPECT_THAT(text, Not(HasSubstr("IPv6")));
}

}  // namespace
}  // namespace aquatic::server
