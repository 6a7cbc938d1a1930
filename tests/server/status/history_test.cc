// SPDX-License-Identifier: Apache-2.0
#include "server/status/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace aquatic::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kRequests = Sample::of(Protocol::udp, Family::ipv6, Sample::requests);
constexpr std::size_t kPeers = Sample::of(SwarmKind::bittorrent, Family::ipv4, Sample::peers);
constexpr std::size_t kP99 = Sample::of(Protocol::http, Sample::p99);

// A tracker that answers some requests each second.
class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    figures_.unix_time_s = 1'000'000;
    figures_.traffic.push_back({.protocol = Protocol::udp, .family = Family::ipv6});
    figures_.swarms.push_back({.kind = SwarmKind::bittorrent, .family = Family::ipv4});
    figures_.latencies.push_back(
        {.protocol = Protocol::http, .action = Action::announce, .latency = {}});
    history_.add(figures_, now_);
  }

  void pass(std::uint64_t requests, milliseconds time = seconds(1)) {
    now_ += time;
    figures_.unix_time_s += static_cast<std::uint64_t>(time / seconds(1));
    figures_.traffic[0].requests[0] += requests;
    history_.add(figures_, now_);
  }
  float newest(HistoryRange range, std::size_t series) const {
    return history_.points(range).samples.back().values[series];
  }

  Figures figures_;
  History history_;
  History::Time now_{};
};

TEST(Sample, EachSeriesHasANameOfItsOwn) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < Sample::kCount; ++i) names.insert(std::string(series_name(i)));
  EXPECT_EQ(names.size(), Sample::kCount);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(series_name(kRequests), "udp_ipv6_requests");
  EXPECT_EQ(series_name(kPeers), "bittorrent_ipv4_peers");
  EXPECT_EQ(series_name(kP99), "http_p99_us");
  EXPECT_EQ(series_name(Sample::of(SwarmKind::webtorrent, Family::ipv6, Sample::torrents)),
            "webtorrent_ipv6_torrents");
  EXPECT_EQ(series_name(Sample::of(Protocol::ws, Family::ipv4, Sample::errors)), "ws_ipv4_errors");
  EXPECT_EQ(series_name(Sample::kConnections), "connections");
  EXPECT_EQ(series_name(Sample::kTroubles), "troubles");
  EXPECT_EQ(series_name(Sample::kReceivedBytes), "received_bytes");
  EXPECT_EQ(series_name(Sample::kSentBytes), "sent_bytes");
}

TEST_F(HistoryTest, RatesAreDifferencesOverTheTimeBetween) {
  EXPECT_TRUE(history_.points(HistoryRange::minutes).samples.empty());
  pass(100);
  EXPECT_EQ(history_.last().values[kRequests], 100);
  pass(300, milliseconds(1500));
  EXPECT_EQ(history_.last().values[kRequests], 200);
  pass(0);
  EXPECT_EQ(history_.last().values[kRequests], 0);
}

TEST_F(HistoryTest, AddsUpWorkersTroublesAndBytes) {
  figures_.traffic.push_back({.protocol = Protocol::udp, .family = Family::ipv6, .worker = 1});
  figures_.streams.push_back({.open = 3});
  figures_.streams.push_back({.open = 4});
  figures_.troubles = {{"a", "", 5}, {"b", "", 6}};
  pass(0);
  figures_.traffic[1].requests[static_cast<std::size_t>(Action::any)] += 7;
  figures_.traffic[1].responses[static_cast<std::size_t>(Action::error)] += 2;
  figures_.traffic[1].received_bytes += 10;
  figures_.streams[1].received_bytes += 100;
  figures_.streams[0].sent_bytes += 9;
  figures_.troubles[1].count += 4;
  pass(1);
  const auto& values = history_.last().values;
  EXPECT_EQ(values[kRequests], 8);
  EXPECT_EQ(values[Sample::of(Protocol::udp, Family::ipv6, Sample::responses)], 2);
  EXPECT_EQ(values[Sample::of(Protocol::udp, Family::ipv6, Sample::errors)], 2);
  EXPECT_EQ(values[Sample::kConnections], 7);
  EXPECT_EQ(values[Sample::kTroubles], 4);
  EXPECT_EQ(values[Sample::kReceivedBytes], 110);
  EXPECT_EQ(values[Sample::kSentBytes], 9);
}

TEST_F(HistoryTest, LatenciesAreThoseOfTheSecond) {
  const auto respond = [this](std::uint64_t ns) {
    figures_.latencies[0].latency.add(metrics::LatencyBuckets::index_of(ns), 100);
  };
  respond(1'000'000);
  pass(0);
  EXPECT_NEAR(history_.last().values[kP99], 1000, 40);
  respond(10'000);
  pass(0);
  EXPECT_NEAR(history_.last().values[kP99], 10, 0.4) << "what was slow before is over";
  pass(0);
  EXPECT_EQ(history_.last().values[kP99], 0) << "nobody has asked";
}

TEST_F(HistoryTest, ATotalThatHasDecreasedIsNoRate) {
  pass(100);
  figures_.traffic[0].requests[0] = 0;
  pass(0);
  EXPECT_EQ(history_.last().values[kRequests], 0);
}

TEST_F(HistoryTest, KeepsTheLastMinutesSecondBySecond) {
  for (std::uint64_t i = 1; i <= History::kMinutesPoints + 5; ++i) pass(i);
  const auto points = history_.points(HistoryRange::minutes);
  ASSERT_EQ(points.samples.size(), History::kMinutesPoints);
  EXPECT_EQ(points.step_s, 1u);
  EXPECT_EQ(points.end_time_s, figures_.unix_time_s);
  EXPECT_EQ(points.samples.front().values[kRequests], 6);
  EXPECT_EQ(points.samples.back().values[kRequests], History::kMinutesPoints + 5);
}

TEST_F(HistoryTest, TicksThatComeUnevenlyAreSecondsAllTheSame) {
  for (int i = 0; i < 30; ++i) pass(10, milliseconds(i % 2 == 0 ? 900 : 1100));
  EXPECT_EQ(history_.points(HistoryRange::minutes).samples.size(), 30u);
  EXPECT_EQ(history_.sample_count(), 2u);
}

TEST_F(HistoryTest, MissedSecondsHaveTheMean) {
  pass(10);
  pass(40, seconds(4));
  const auto points = history_.points(HistoryRange::minutes);
  ASSERT_EQ(points.samples.size(), 5u);
  EXPECT_EQ(points.samples[1].values[kRequests], 10);
  EXPECT_EQ(points.samples[4].values[kRequests], 10);
}

TEST_F(HistoryTest, ASampleOfTheDayIsTheMeanOfItsSeconds) {
  for (std::uint64_t i = 0; i < History::kSampleSeconds; ++i) pass(i % 2 * 100);
  EXPECT_EQ(history_.sample_count(), 1u);
  const auto points = history_.points(HistoryRange::hour);
  ASSERT_EQ(points.samples.size(), 1u);
  EXPECT_EQ(points.step_s, History::kSampleSeconds);
  EXPECT_NEAR(points.samples[0].values[kRequests], 700.0 / 15, 0.01);
  EXPECT_TRUE(history_.points(HistoryRange::day).samples.empty()) << "not two minutes yet";
}

TEST_F(HistoryTest, TheDayIsBoundedAndHasPointsOfTwoMinutes) {
  for (std::size_t i = 0; i < History::kSamples + 100; ++i) {
    figures_.swarms[0].peers = i;
    pass(15 * i, seconds(History::kSampleSeconds));
  }
  const auto day = history_.points(HistoryRange::day);
  EXPECT_EQ(day.samples.size(), 720u);
  EXPECT_EQ(day.step_s, 120u);
  EXPECT_EQ(day.end_time_s, figures_.unix_time_s);
  // The mean of the newest eight.
  EXPECT_EQ(newest(HistoryRange::day, kRequests), History::kSamples + 99 - 3.5f);
  EXPECT_EQ(newest(HistoryRange::day, kPeers), History::kSamples + 99 - 3.5f);
  EXPECT_EQ(day.samples.front().values[kRequests], 100 + 3.5f);
  const auto hour = history_.points(HistoryRange::hour);
  EXPECT_EQ(hour.samples.size(), History::kHourPoints);
  EXPECT_EQ(hour.samples.back().values[kRequests], History::kSamples + 99);
}

TEST_F(HistoryTest, ASleepOfDaysFillsTheDayOnce) {
  pass(5);
  pass(86'400 * 3, std::chrono::hours(72));
  EXPECT_EQ(history_.points(HistoryRange::day).samples.size(), 720u);
  EXPECT_EQ(history_.points(HistoryRange::minutes).samples.size(), History::kMinutesPoints);
  EXPECT_NEAR(newest(HistoryRange::day, kRequests), 1, 0.01);
}

TEST_F(HistoryTest, SecondsWithoutAResponseDoNotLowerTheMeanLatency) {
  for (std::size_t i = 0; i < History::kSamplesPerDayPoint; ++i) {
    if (i == 3) figures_.latencies[0].latency.add(metrics::LatencyBuckets::index_of(50'000), 1);
    pass(0, seconds(History::kSampleSeconds));
  }
  EXPECT_NEAR(newest(HistoryRange::day, kP99), 50, 2);
}

}  // namespace
}  // namespace aquatic::server
