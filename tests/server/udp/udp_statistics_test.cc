// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using std::chrono::seconds;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class UdpStatisticsTest : public testing::Test {
 protected:
  std::string report(seconds at) { return statistics_.report(workers_, families_, start_ + at); }

  UdpStatistics::Time start_{};
  UdpStatistics statistics_{start_};
  UdpMetrics first_;
  UdpMetrics second_;
  std::vector<const UdpMetrics*> workers_ = {&first_, &second_};
  std::vector<FamilyTotals> families_ = {{Family::ipv4, {.torrents = 3, .peers = 5}}};
};

TEST_F(UdpStatisticsTest, SumsWorkersAndDividesByTheTimeThatPassed) {
  first_.of(Family::ipv4).add(UdpMetric::requests, 30);
  second_.of(Family::ipv4).add(UdpMetric::requests, 10);
  EXPECT_THAT(report(seconds(4)), ContainsRegex("requests/s +10\\.00"));
}

TEST_F(UdpStatisticsTest, CountsFromTheLastReport) {
  first_.of(Family::ipv4).add(UdpMetric::announce_responses, 30);
  report(seconds(3));
  first_.of(Family::ipv4).add(UdpMetric::announce_responses, 4);
  EXPECT_THAT(report(seconds(5)), ContainsRegex("announce +2\\.00"));
}

// X17, X18: totals are there, bytes include the headers.
TEST_F(UdpStatisticsTest, ShowsTotalsAndBytesWithHeaders) {
  auto& v4 = first_.of(Family::ipv4);
  v4.add(UdpMetric::requests, 1'000);
  v4.add(UdpMetric::received_bytes, 97'000);
  const std::string text = report(seconds(1));
  EXPECT_THAT(text, ContainsRegex("Mbit/s in +1\\.00"));  // 1000 * (97 + 28) bytes.
  EXPECT_THAT(text, ContainsRegex("torrents +3\n"));
  EXPECT_THAT(text, ContainsRegex("peers +5\n"));
}

TEST_F(UdpStatisticsTest, LeavesOutAFamilyThatIsOff) {
  EXPECT_THAT(report(seconds(1)), Not(HasSubstr("IPv6")));
}

}  // namespace
}  // namespace aquatic::server
