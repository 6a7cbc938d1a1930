// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::Not;

// Has answered seventeen announces.
class BusyService final : public Service {
 public:
  void start(process::Workers&) override {}
  std::string urls() const override { return {}; }
  void collect(Figures& figures) const override {
    TrafficFigures traffic;
    at(traffic.responses, Action::announce) = 17;
    figures.traffic.push_back(traffic);
  }
  std::string report(std::chrono::steady_clock::time_point) override { return "busy\n"; }
};

class StatusBoardTest : public testing::Test {
 protected:
  StatusBoardTest() {
    services_.push_back(std::make_unique<BusyService>());
    const auto key = tracker_.swarm().locate(Family::ipv4, InfoHash());
    Random random(1);
    swarm::Announcement announcement;
    announcement.peer = {*IpAddress::parse("192.0.2.1"), 1};
    tracker_.swarm().announce(key, announcement, 0, {}, random);
  }

  std::string printed_by_tick(StatusBoard& board) {
    testing::internal::CaptureStdout();
    board.tick(services_);
    return testing::internal::GetCapturedStdout();
  }

  Tracker tracker_{TrackerOptions{}};
  std::vector<std::unique_ptr<Service>> services_;
};

TEST_F(StatusBoardTest, CollectsFromEverybody) {
  const StatusBoard board({}, tracker_);
  const Figures figures = board.collect(services_);
  EXPECT_FALSE(figures.version.empty());
  EXPECT_GT(figures.unix_time_s, 1'700'000'000u);
  ASSERT_EQ(figures.swarms.size(), 2u);
  EXPECT_EQ(figures.swarms[0].peers, 1u);
  EXPECT_EQ(at(figures.traffic.at(0).responses, Action::announce), 17u);
  EXPECT_TRUE(figures.process.has_value());
}

TEST_F(StatusBoardTest, LeavesOutASwarmThatNobodyServes) {
  const StatusBoard board({.has_bittorrent_swarm = false}, tracker_);
  EXPECT_TRUE(board.collect(services_).swarms.empty());
}

TEST_F(StatusBoardTest, PublishesWhereThereArePages) {
  StatusBoard silent({}, tracker_);
  silent.tick(services_);
  EXPECT_EQ(silent.publisher().pages().current()->metrics, "");
  EXPECT_EQ(silent.timing(), Timing::off);
  StatusBoard board({.address = Endpoint()}, tracker_);
  board.tick(services_);
  EXPECT_EQ(board.timing(), Timing::on);
  const auto pages = board.publisher().pages().current();
  EXPECT_THAT(pages->metrics, HasSubstr("aquatic_peers{swarm=\"bittorrent\",ip_version=\"4\"} 1"));
  EXPECT_THAT(pages->json, HasSubstr("\"peersAll\":1"));
}

TEST_F(StatusBoardTest, ReportsWhenItIsTime) {
  StatusBoard board({.report_interval_s = 3600, .prints_report = true}, tracker_);
  EXPECT_EQ(printed_by_tick(board), "") << "an hour has not passed";
  StatusBoard never({.report_interval_s = 0, .prints_report = true}, tracker_);
  EXPECT_EQ(printed_by_tick(never), "");
}

TEST_F(StatusBoardTest, CountsClientsOnlyWhereToldTo) {
  StatusBoard silent({}, tracker_);
  EXPECT_EQ(silent.clients(), nullptr);
  StatusBoard board({.counts_clients = true, .counts_peer_id_prefixes = true}, tracker_);
  ASSERT_NE(board.clients(), nullptr);
  PeerId peer_id;
  const std::string_view text = "-qB4620-abcdefghijkl";
  std::ranges::copy(std::as_bytes(std::span(text)), peer_id.bytes.begin());
  board.clients()->add_sampler(60).see(peer_id, 0);
  board.tick(services_);
  const Figures figures = board.collect(services_);
  ASSERT_EQ(figures.clients.size(), 1u);
  EXPECT_EQ(figures.clients[0].name, "qBittorrent 4.6.2");
  ASSERT_EQ(figures.peer_id_prefixes.size(), 1u);
}

}  // namespace
}  // namespace aquatic::server
