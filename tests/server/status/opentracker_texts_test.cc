// SPDX-License-Identifier: Apache-2.0
#include "server/status/opentracker_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::HasSubstr;

std::string text(OpentrackerMode mode, const SwarmCensus::Ranking* ranking = nullptr) {
  Figures figures;
  figures.version = "1.2.3";
  figures.uptime_s = 7300;
  figures.swarms = {{.torrents = 3, .peers = 70, .seeders = 20, .downloads = 6},
                    {.family = Family::ipv6, .torrents = 1, .peers = 30, .seeders = 5}};
  TrafficFigures udp{.protocol = Protocol::udp};
  udp.requests[static_cast<std::size_t>(Action::any)] = 73'000;
  udp.responses[static_cast<std::size_t>(Action::connect)] = 7'300;
  udp.responses[static_cast<std::size_t>(Action::announce)] = 21'900;
  udp.responses[static_cast<std::size_t>(Action::scrape)] = 100;
  TrafficFigures http{.protocol = Protocol::http};
  http.responses[static_cast<std::size_t>(Action::announce)] = 14'600;
  http.responses[static_cast<std::size_t>(Action::scrape)] = 7'300;
  figures.traffic = {udp, http};
  figures.streams = {{.accepted = 14'000}, {.accepted = 8'000}};
  figures.troubles = {{"udp_bad_connection_ids", "", 9}};
  return make_opentracker_texts(figures, ranking)[static_cast<std::size_t>(mode)];
}

// As its monitors read them: by lines.
TEST(OpentrackerTexts, AreThoseOfMrtg) {
  EXPECT_EQ(text(OpentrackerMode::peer), "100\n25\nopentracker serving 4 torrents\nopentracker");
  EXPECT_EQ(text(OpentrackerMode::torr), "4\n0\nopentracker serving 4 torrents\nopentracker");
  EXPECT_EQ(text(OpentrackerMode::conn),
            "95000\n43800\n7300 seconds (2 hours)\n"
            "opentracker connections, 13 conns/s :: 6 success/s.");
  EXPECT_EQ(text(OpentrackerMode::udp4),
            "73000\n29200\n7300 seconds (2 hours)\n"
            "opentracker udp4 stats, 10 conns/s :: 4 success/s.");
  EXPECT_EQ(text(OpentrackerMode::tcp4),
            "22000\n14600\n7300 seconds (2 hours)\n"
            "opentracker tcp4 stats, 3 conns/s :: 2 success/s.");
  EXPECT_EQ(text(OpentrackerMode::scrp),
            "7300\n100\n7300 seconds (2 hours)\n"
            "opentracker scrape stats, 1 scrape/s (tcp and udp)");
  EXPECT_EQ(text(OpentrackerMode::completed),
            "6\n0\n7300 seconds (2 hours)\nopentracker, 3 completed/h.");
}

TEST(OpentrackerTexts, EverythingIsXml) {
  const std::string xml = text(OpentrackerMode::everything);
  EXPECT_THAT(xml, testing::StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<stats>\n"));
  for (const char* part :
       {"<uptime>7300</uptime>", "<count_mutex>4</count_mutex>", "<peers>\n    <count>100</count>",
        "<seeds>\n    <count>25</count>", "<completed>\n    <count>6</count>",
        "<accept>22000</accept>", "<overall>73000</overall>", "<connect>7300</connect>",
        "<missmatch>9</missmatch>", "aquatic 1.2.3"}) {
    EXPECT_THAT(xml, HasSubstr(part));
  }
}

TEST(OpentrackerTexts, NamesTorrentsOnlyFromARanking) {
  EXPECT_EQ(text(OpentrackerMode::top10), "");
  EXPECT_EQ(text(OpentrackerMode::top100), "");
  SwarmCensus::Ranking ranking;
  for (std::uint64_t i = 0; i < 12; ++i) {
    ranking.by_peers.push_back(
        {*InfoHash::parse_hex("ABCDEF0123456789abcdef0123456789abcdef01"), 100 - i});
  }
  ranking.by_seeders.push_back({InfoHash(), 5});
  const std::string top = text(OpentrackerMode::top10, &ranking);
  EXPECT_THAT(top, testing::StartsWith("Top 10 torrents by peers:\n"
                                       "\t100\tABCDEF0123456789ABCDEF0123456789ABCDEF01\n\t99\t"));
  EXPECT_THAT(top, testing::Not(HasSubstr("\t90\t")));
  EXPECT_THAT(top, testing::EndsWith("Top 10 torrents by seeds:\n"
                                     "\t5\t0000000000000000000000000000000000000000\n"));
  EXPECT_THAT(text(OpentrackerMode::top100, &ranking), HasSubstr("\t89\t"));
}

}  // namespace
}  // namespace aquatic::server
