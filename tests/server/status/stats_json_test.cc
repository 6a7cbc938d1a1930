// SPDX-License-Identifier: Apache-2.0
#include "server/status/stats_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace aquatic::server {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::StartsWith;

Figures sample_figures() {
  Figures figures;
  figures.version = "1.2.3";
  figures.unix_time_s = 1'700'000'000;
  figures.uptime_s = 99;
  figures.access_list_entries = 5;
  figures.swarms = {{.kind = SwarmKind::bittorrent,
                     .family = Family::ipv4,
                     .torrents = 3,
                     .peers = 7,
                     .seeders = 2},
                    {.kind = SwarmKind::webtorrent,
                     .family = Family::ipv6,
                     .torrents = 1,
                     .peers = 4,
                     .seeders = 4}};
  return figures;
}

json parsed(const Figures& figures, const Sample& rates = {}) {
  return json::parse(make_stats_json(figures, rates));
}

TEST(StatsJson, HasTheShapeOfBittorrentTracker) {
  Figures figures = sample_figures();
  figures.clients = {{"qBittorrent 4.6.2", 3},
                     {"qBittorrent 5.0.0", 2},
                     {"Other", 1},
                     {"WebTorrent Desktop 0.24", 4},
                     {"Other (ab)", 6}};
  const json stats = parsed(figures);
  EXPECT_EQ(stats["torrents"], 4);
  EXPECT_EQ(stats["activeTorrents"], 4);
  EXPECT_EQ(stats["peersAll"], 11);
  EXPECT_EQ(stats["peersSeederOnly"], 6);
  EXPECT_EQ(stats["peersLeecherOnly"], 5);
  EXPECT_EQ(stats["peersSeederAndLeecher"], 0);
  EXPECT_EQ(stats["peersIPv4"], 7);
  EXPECT_EQ(stats["peersIPv6"], 4);
  EXPECT_EQ(stats["clients"],
            json::parse(R"json({"qBittorrent":{"4.6.2":3,"5.0.0":2},"Other":{"":1},
                                "WebTorrent Desktop":{"0.24":4},"Other (ab)":{"":6}})json"));
}

TEST(StatsJson, WhatIsNotCountedIsNull) {
  Figures figures = sample_figures();
  figures.swarms[0].seeders = std::nullopt;
  const json stats = parsed(figures);
  EXPECT_TRUE(stats["peersSeederOnly"].is_null());
  EXPECT_TRUE(stats["peersLeecherOnly"].is_null());
  EXPECT_TRUE(stats["swarms"][0]["seeders"].is_null());
  EXPECT_EQ(stats["swarms"][1]["seeders"], 4);
}

TEST(StatsJson, HasEverythingThatIsKnown) {
  Figures figures = sample_figures();
  TrafficFigures traffic{.protocol = Protocol::udp, .family = Family::ipv6, .received_bytes = 10};
  traffic.requests[0] = 8;
  traffic.responses[static_cast<std::size_t>(Action::scrape)] = 2;
  figures.traffic = {traffic, traffic};
  figures.traffic[1].worker = 1;
  figures.latencies = {{.protocol = Protocol::ws, .action = Action::announce, .latency = {}},
                       {.protocol = Protocol::ws, .action = Action::scrape, .latency = {}}};
  figures.latencies[0].latency.add(metrics::LatencyBuckets::index_of(10'000), 4);
  figures.streams = {{.open = 2, .accepted = 5}, {.worker = 1, .open = 3, .accepted = 6}};
  figures.web_torrent = {{.open = 1}, {.family = Family::ipv6, .open = 2}};
  figures.troubles = {{"udp_kernel_drops", "The kernel dropped them.", 3}};
  figures.memory = {{"peers", 4096}};
  figures.clients = {{"Deluge 2.1.1", 9}};
  figures.process =
      ProcessFigures{.cpu_s = 1.5, .resident_bytes = 1000, .open_fds = 7, .max_fds = 64};
  figures.swarms[0].has_histogram = true;
  figures.swarms[0].peers_per_torrent.peers[13] = 77;
  const json stats = parsed(figures);

  EXPECT_EQ(stats["version"], "1.2.3");
  EXPECT_EQ(stats["time"], 1'700'000'000);
  EXPECT_EQ(stats["uptimeSeconds"], 99);
  EXPECT_EQ(stats["accessListEntries"], 5);
  EXPECT_EQ(stats["traffic"], json::parse(R"([{"protocol":"udp","ipVersion":6,"requests":{"any":16},
                             "responses":{"scrape":4},"receivedBytes":20,"sentBytes":0}])"))
      << "workers are added up";
  ASSERT_EQ(stats["latencies"].size(), 1u) << "those that nobody waited for are left out";
  EXPECT_EQ(stats["latencies"][0]["count"], 4);
  EXPECT_NEAR(stats["latencies"][0]["p99Us"].get<double>(), 10, 0.4);
  EXPECT_EQ(stats["connections"]["open"], 5);
  EXPECT_EQ(stats["connections"]["accepted"], 11);
  EXPECT_EQ(stats["connections"]["webTorrent"], 3);
  EXPECT_EQ(stats["swarms"][0]["peersPerTorrent"]["max"], 77);
  EXPECT_FALSE(stats["swarms"][1].contains("peersPerTorrent"));
  EXPECT_EQ(stats["troubles"][0]["name"], "udp_kernel_drops");
  EXPECT_EQ(stats["troubles"][0]["count"], 3);
  EXPECT_EQ(stats["memory"][0]["bytes"], 4096);
  EXPECT_EQ(stats["clientShare"][0]["name"], "Deluge 2.1.1");
  EXPECT_EQ(stats["process"], json::parse(R"({"cpuMilliseconds":1500,"residentBytes":1000,
                                              "virtualBytes":0,"openFds":7,"maxFds":64})"));
}

TEST(StatsJson, NamesOfStrangersStayTexts) {
  Figures figures = sample_figures();
  const std::string name = "\"},<script>\\ \xff\x01 1.0";
  figures.clients = {{name, 1}};
  const json stats = parsed(figures);
  EXPECT_EQ(stats["clientShare"][0]["name"], "\"},<script>\\ ?\x01 1.0");
  EXPECT_EQ(stats["clients"].begin().key(), "\"},<script>\\ ?\x01");
  EXPECT_EQ(stats["clients"].size(), 1u);
}

TEST(StatsEvent, IsOneEventOfServerSentEvents) {
  Sample rates;
  rates.values[Sample::kTroubles] = 12.5f;
  const std::string event = make_stats_event(sample_figures(), rates);
  EXPECT_THAT(event, StartsWith("event: second\ndata: {"));
  EXPECT_THAT(event, EndsWith("}\n\n"));
  EXPECT_EQ(std::ranges::count(event, '\n'), 3);
  const json data = json::parse(event.substr(event.find('{')));
  EXPECT_EQ(data["uptimeSeconds"], 99);
  EXPECT_EQ(data["rates"], json::parse(R"({"troubles":12.5})")) << "what is 0 is left out";
}

TEST(HistoryJson, HasArraysOfWhatHasHappened) {
  History::Points points{.step_s = 15, .end_time_s = 1000, .samples = std::vector<Sample>(3)};
  points.samples[1].values[Sample::kConnections] = 4;
  points.samples[2].values[Sample::kConnections] = 1234.6f;
  EXPECT_EQ(make_history_json(points),
            R"({"stepSeconds":15,"endTime":1000,"points":3,"series":{"connections":[0,4,1235]}})");
  EXPECT_EQ(make_history_json({}), R"({"stepSeconds":1,"endTime":0,"points":0,"series":{}})");
}

}  // namespace
}  // namespace aquatic::server
