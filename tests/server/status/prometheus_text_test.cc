// SPDX-License-Identifier: Apache-2.0
#include "server/status/prometheus_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "tests/server/status/example_figures.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What the tests of the dashboard serve, too.
constexpr const char* kExamplePath = "tests/server/status/example_metrics.txt";
std::vector<std::string> lines_with(const std::string& text, const std::string& start) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(start)) found.push_back(line);
  }
  return found;
}

// Over all series whose name and labels begin with `series`.
double sum_of(const std::string& text, const std::string& series) {
  double sum = 0;
  for (const std::string& line : lines_with(text, series)) {
    sum += std::stod(line.substr(line.rfind(' ') + 1));
  }
  return sum;
}

// The exit status of `command`, and all that it said.
std::pair<int, std::string> run(const std::string& command) {
  const auto close = [](std::FILE* pipe) { pclose(pipe); };
  std::unique_ptr<std::FILE, decltype(close)> pipe(popen((command + " 2>&1").c_str(), "r"), close);
  std::string said;
  for (int c = 0; (c = std::fgetc(pipe.get())) != EOF;) said.push_back(static_cast<char>(c));
  return {WEXITSTATUS(pclose(pipe.release())), said};
}

TEST(PrometheusText, IsTheExample) {
  const test::ScratchFolder folder;
  const std::string path = folder.write("metrics.txt", to_prometheus_text(example_figures()));
  const auto [status, difference] = run(std::string("diff -u ") + kExamplePath + " " + path);
  EXPECT_EQ(status, 0) << "If this is right: patch " << kExamplePath << "\n" << difference;
}

TEST(PrometheusText, PromtoolFindsNothing) {
  if (run("promtool --version").first == 127) GTEST_SKIP() << "not installed: prometheus";
  const auto [status, said] = run(std::string("promtool check metrics < ") + kExamplePath);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(said, "");
}

TEST(PrometheusText, PromtoolFindsNothingInAnIdleTracker) {
  if (run("promtool --version").first == 127) GTEST_SKIP() << "not installed: prometheus";
  const test::ScratchFolder folder;
  const std::string path = folder.write("metrics.txt", to_prometheus_text({}));
  const auto [status, said] = run("promtool check metrics < " + path);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(said, "");
}

TEST(PrometheusText, NoSeriesComesTwice) {
  const std::string text = to_prometheus_text(example_figures());
  std::set<std::string> seen;
  for (const std::string& line : lines_with(text, "")) {
    EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
}

// What a dashboard of the Rust tracker adds up is what there is.
TEST(PrometheusText, SumsCountEverythingOnce) {
  const std::string text = to_prometheus_text(example_figures());
  EXPECT_EQ(sum_of(text, "aquatic_requests_total{"), 1'000 + 2'000 + 1'100 + 127 + 70);
  EXPECT_EQ(sum_of(text, "aquatic_responses_total{"), 3 * 967 + 127 + 102);
  EXPECT_EQ(sum_of(text, "aquatic_rx_bytes{"), 98'000 + 198'000 + 99'000);
  EXPECT_EQ(sum_of(text, "aquatic_tx_bytes{"), 120'000 + 240'000 + 121'000);
  EXPECT_EQ(sum_of(text, "aquatic_torrents{"), 250 + 50 + 9);
  EXPECT_EQ(sum_of(text, "aquatic_peers{"), 1'700 + 170 + 18);
  EXPECT_EQ(sum_of(text, "aquatic_active_connections{"), 30);
  EXPECT_EQ(sum_of(text, "aquatic_active_connections{protocol=\"http\""), 30 - 11 - 2);
  EXPECT_EQ(sum_of(text, "aquatic_tls_handshakes_total{"), 80);
  EXPECT_EQ(sum_of(text, "aquatic_peer_clients{"), 113);
}

// Figures of different moments can make them more for a moment.
TEST(PrometheusText, WebTorrentIsNeverMoreThanAllConnections) {
  Figures figures;
  figures.streams = {{.worker = 0, .open = 1}};
  figures.web_torrent = {{Family::ipv4, 0, 2}};
  EXPECT_THAT(to_prometheus_text(figures),
              HasSubstr("aquatic_active_connections{protocol=\"http\",worker_index=\"0\"} 0\n"));
}

TEST(PrometheusText, UnusualActionsShowOnceTheyAreCounted) {
  Figures figures;
  figures.traffic = {{.protocol = Protocol::http}};
  EXPECT_THAT(to_prometheus_text(figures), Not(HasSubstr("type=\"connect\"")));
  figures.traffic[0].requests[static_cast<std::size_t>(Action::connect)] = 3;
  EXPECT_THAT(to_prometheus_text(figures), HasSubstr("type=\"connect\"} 3\n"));
}

TEST(PrometheusText, WhatPeersCallThemselvesIsEscaped) {
  Figures figures;
  figures.clients = {{"a\"b\\c\nd\xff", 1}};
  EXPECT_THAT(to_prometheus_text(figures),
              HasSubstr("aquatic_peer_clients{client=\"a\\\"b\\\\c?d?\"} 1\n"));
}

TEST(PrometheusText, NamesKeepTheirLetters) {
  Figures figures;
  figures.clients = {{"\u00b5Torrent 3.5.5\x7f", 1}};
  EXPECT_THAT(to_prometheus_text(figures),
              HasSubstr("aquatic_peer_clients{client=\"\u00b5Torrent 3.5.5?\"} 1\n"));
}

TEST(PrometheusText, ManyClientsAndPrefixesAreAddedUp) {
  Figures figures;
  for (std::size_t i = 0; i < 10 * kMaxPeerIdPrefixSeries; ++i) {
    figures.clients.push_back({"client " + std::to_string(i), 2});
    figures.peer_id_prefixes.push_back({std::to_string(i), 3});
  }
  const std::string text = to_prometheus_text(figures);
  EXPECT_EQ(lines_with(text, "aquatic_peer_clients{").size(), kMaxClientSeries + 1);
  EXPECT_EQ(lines_with(text, "aquatic_peer_id_prefixes{").size(), kMaxPeerIdPrefixSeries + 1);
  EXPECT_EQ(sum_of(text, "aquatic_peer_clients{"), 20.0 * kMaxPeerIdPrefixSeries);
  EXPECT_EQ(sum_of(text, "aquatic_peer_id_prefixes{"), 30.0 * kMaxPeerIdPrefixSeries);
  EXPECT_THAT(text, HasSubstr("client=\"client 0\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("client=\"(rest)\"}"));
}

// Two names may be one once they are printable.
TEST(PrometheusText, ClientsOfOneNameAreAddedUp) {
  Figures figures;
  figures.clients = {{"a\xfe", 1}, {"a\xff", 2}};
  EXPECT_THAT(to_prometheus_text(figures), HasSubstr("aquatic_peer_clients{client=\"a?\"} 3\n"));
}

TEST(PrometheusText, CountersAreExact) {
  Figures figures;
  figures.traffic = {{.received_bytes = 1'234'567'890'123'456}};
  EXPECT_THAT(to_prometheus_text(figures), HasSubstr("} 1234567890123456\n"));
}

TEST(PrometheusText, HistogramEndsWithAll) {
  metrics::LatencyRecorder recorder;
  recorder.record(900);
  recorder.record(20'000'000'000, 2);
  Figures figures;
  figures.latencies = {{Protocol::udp, Action::announce, {}}};
  recorder.add_to(figures.latencies[0].latency);
  const std::string text = to_prometheus_text(figures);
  EXPECT_THAT(text, HasSubstr("le=\"1e-06\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 3\n"));
  EXPECT_EQ(sum_of(text, "aquatic_request_duration_seconds_count"), 3);
  EXPECT_NEAR(sum_of(text, "aquatic_request_duration_seconds_sum"), 40, 0.8);
}

}  // namespace
}  // namespace aquatic::server
