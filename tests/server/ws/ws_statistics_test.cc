// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using std::chrono::seconds;
using testing::ContainsRegex;
using testing::HasSubstr;

TEST(WsStatistics, SumsWorkersAndCountsFromTheLastReport) {
  const WsStatistics::Time start{};
  WsStatistics statistics(start);
  WsMetrics first;
  WsMetrics second;
  const std::vector<const WsMetrics*> workers = {&first, &second};
  const std::vector<FamilyTotals> families = {{Family::ipv4, {.torrents = 3, .peers = 5}}};
  first.of(Family::ipv4).add(WsMetric::announce_requests, 30);
  second.of(Family::ipv4).add(WsMetric::scrape_requests, 10);
  first.of(Family::ipv4).add(WsMetric::upgrades, 9);
  second.of(Family::ipv4).add(WsMetric::closed, 2);
  const std::string text = statistics.report(workers, families, start + seconds(4));
  EXPECT_THAT(text, ContainsRegex("requests/s +10\\.00"));
  EXPECT_THAT(text, ContainsRegex("connections +7\n"));
  EXPECT_THAT(text, ContainsRegex("torrents +3\n"));
  EXPECT_THAT(text, ContainsRegex("peers +5\n"));
  first.of(Family::ipv4).add(WsMetric::offers, 8);
  EXPECT_THAT(statistics.report(workers, families, start + seconds(6)),
              ContainsRegex("offers/s +4\\.00"));
}

}  // namespace
}  // namespace aquatic::server
