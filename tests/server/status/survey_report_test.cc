// SPDX-License-Identifier: Apache-2.0
#include "server/status/survey_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string report_of(const Figures& figures) {
  std::string report = "before\n";
  append_surveys(report, figures);
  return report;
}

TEST(SurveyReport, SaysNothingOfWhatIsOff) {
  Figures figures;
  figures.swarms = {{.torrents = 5, .peers = 6}};
  EXPECT_EQ(report_of(figures), "before\n");
}

TEST(SurveyReport, HasPercentilesByFamily) {
  Figures figures;
  figures.swarms = {{.family = Family::ipv6, .has_histogram = true}};
  figures.swarms[0].peers_per_torrent.peers.fill(7);
  const std::string report = report_of(figures);
  EXPECT_THAT(report, HasSubstr("before\npeers per torrent, BitTorrent IPv6\n"));
  EXPECT_THAT(report, HasSubstr("  p99                                 7\n"));
  EXPECT_THAT(report, Not(HasSubstr("clients")));
}

TEST(SurveyReport, HasTheMostFrequentClients) {
  Figures figures;
  for (int i = 0; i < 25; ++i) figures.clients.push_back({fmt::format("Client {}", i), 10});
  const std::string report = report_of(figures);
  EXPECT_THAT(report, HasSubstr("clients, estimated\n  Client 0                           10\n"));
  EXPECT_THAT(report, HasSubstr("  Client 19"));
  EXPECT_THAT(report, Not(HasSubstr("  Client 20")));
  EXPECT_THAT(report, HasSubstr("  rarer ones                         50\n"));
}

}  // namespace
}  // namespace aquatic::server
