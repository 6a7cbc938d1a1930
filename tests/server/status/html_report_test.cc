// SPDX-License-Identifier: Apache-2.0
#include "server/status/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Figures sample() {
  Figures figures;
  figures.version = "1.2.3";
  figures.unix_time_s = 1'136'239'445;
  figures.uptime_s = 1000;
  figures.access_list_entries = 1'234'567;
  TrafficFigures udp{.protocol = Protocol::udp, .family = Family::ipv4};
  udp.requests[static_cast<std::size_t>(Action::any)] = 2'500'000;
  udp.responses[static_cast<std::size_t>(Action::scrape)] = 1000;
  figures.traffic = {udp};
  figures.swarms = {{.family = Family::ipv4, .torrents = 42, .peers = 1'000'000},
                    {.kind = SwarmKind::webtorrent, .family = Family::ipv6}};
  return figures;
}

TEST(HtmlReport, TellsTheSameNumbers) {
  const std::string html = html_report(sample(), nullptr);
  EXPECT_THAT(html, AllOf(HasSubstr("Version 1.2.3, up for 1,000 s"),
                          HasSubstr("Mon, 02 Jan 2006 22:04:05 +0000"),
                          HasSubstr("Access list entries: 1,234,567"), HasSubstr("UDP IPv4")));
  EXPECT_THAT(html, HasSubstr(R"(<tr><th scope="row">requests</th><td>2,500.00</td></tr>)"));
  EXPECT_THAT(html, HasSubstr("\u2013 scrape</th><td>1.00</td>"));
  EXPECT_THAT(html, HasSubstr("BitTorrent IPv4"));
  EXPECT_THAT(html, HasSubstr("WebTorrent IPv6"));
  EXPECT_THAT(html, HasSubstr(R"(<th scope="row">peers</th><td>1,000,000</td><td>0</td>)"));
  EXPECT_THAT(html, AllOf(Not(HasSubstr("Peers per torrent")), Not(HasSubstr("Clients")),
                          Not(HasSubstr("Connections")), Not(HasSubstr("<script"))));
}

TEST(HtmlReport, SaysWhatIsNotCounted) {
  Figures figures = sample();
  TrafficFigures http{.protocol = Protocol::http, .family = Family::ipv4};
  http.requests[static_cast<std::size_t>(Action::announce)] = 7000;
  figures.traffic.push_back(http);
  const std::string html = html_report(figures, nullptr);
  EXPECT_THAT(html, HasSubstr("\u2013 announce</th><td>\u2013</td><td>7.00</td>"));
  EXPECT_THAT(html, HasSubstr("Mbit in</th><td>0.56</td><td>\u2013</td>"));
}

TEST(HtmlReport, RatesAreOfTheTimeSinceTheLastOne) {
  Figures now = sample();
  now.uptime_s = 1010;
  now.traffic[0].requests[static_cast<std::size_t>(Action::any)] += 20;
  const Figures before = sample();
  EXPECT_THAT(html_report(now, &before), HasSubstr("requests</th><td>2.00</td>"));
}

TEST(HtmlReport, HasPercentilesWhereTheyAreCounted) {
  Figures figures = sample();
  figures.swarms[0].has_histogram = true;
  figures.swarms[0].peers_per_torrent.peers.fill(3);
  figures.swarms[0].peers_per_torrent.peers.back() = 54'321;
  const std::string html = html_report(figures, nullptr);
  EXPECT_THAT(html, HasSubstr("Peers per torrent"));
  EXPECT_THAT(html, HasSubstr(R"(<th scope="row">p999</th><td>3</td></tr>)"));
  EXPECT_THAT(html, HasSubstr(R"(<th scope="row">max</th><td>54,321</td></tr>)"));
}

TEST(HtmlReport, HasClientsWhereTheyAreCountedAndEscapesThem) {
  Figures figures = sample();
  figures.clients = {{"Transmission 4.0.6", 3000}, {"<b>\"&'", 1000}};
  const std::string html = html_report(figures, nullptr);
  EXPECT_THAT(html, HasSubstr("Transmission 4.0.6</th><td>3,000</td><td>75.0 %</td>"));
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;&quot;&amp;&#39;</th><td>1,000</td><td>25.0 %</td>"));
}

TEST(HtmlReport, HasConnectionsWhereThereAreSome) {
  Figures figures = sample();
  figures.streams = {{.open = 17, .accepted = 2000}};
  EXPECT_THAT(html_report(figures, nullptr),
              AllOf(HasSubstr("open</th><td>17</td>"), HasSubstr("accepted/s</th><td>2.00</td>")));
}

TEST(HtmlReport, EveryElementIsClosed) {
  Figures figures = sample();
  figures.streams = {{.open = 1}};
  figures.clients = {{"a", 1}};
  figures.swarms[0].has_histogram = true;
  const std::string html = html_report(figures, nullptr);
  const auto count = [&](const std::string& text) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = html.find(text, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  for (const std::string element : {"table", "tr", "td", "div", "h2", "p", "body", "html"}) {
    const std::size_t begun = count("<" + element + ">") + count("<" + element + " ");
    EXPECT_EQ(begun, count("</" + element + ">")) << element;
    EXPECT_GT(begun, 0u) << element;
  }
}

TEST(HtmlReport, ReplacesItsFile) {
  const test::ScratchFolder folder;
  const std::string path = folder.write("page.html", "old");
  HtmlReport report(path);
  Figures figures = sample();
  report.write(figures);
  EXPECT_THAT(read_file(path, 1 << 20), HasSubstr("requests</th><td>2,500.00</td>"));
  figures.uptime_s += 5;
  report.write(figures);
  EXPECT_THAT(read_file(path, 1 << 20), HasSubstr("requests</th><td>0.00</td>"));
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST(HtmlReport, AFileThatCannotBeWrittenIsLogged) {
  testing::internal::CaptureStderr();
  HtmlReport("/nonexistent/page.html").write(sample());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("statistics page: cannot write /nonexistent/page.html: No such file"));
}

}  // namespace
}  // namespace aquatic::server
