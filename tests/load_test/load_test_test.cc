// SPDX-License-Identifier: Apache-2.0
#include "load_test/load_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include "base/file.h"
#include "load_test/population.h"
#include "load_test/udp_load_test.h"
#include "tests/load_test/fake_tracker.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::load_test {
namespace {

using test::announce_answer;
using test::Answers;
using test::Datagram;
using test::FakeTracker;
using test::right_answer;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t kMaxReportBytes = 1 << 20;

Answers answer_rightly(const udp::Request& request, const Endpoint&) {
  return {right_answer(request)};
}

UdpLoadTestConfig short_config(const Endpoint& tracker) {
  UdpLoadTestConfig config;
  static_cast<Endpoint&>(config.server_address) = tracker;
  config.duration = 1;
  config.rate = 2000;
  config.requests.number_of_torrents = 50;
  config.requests.number_of_peers = 100;
  return config;
}

// What a run prints. The UDP load test stands for all of them here.
std::string output_of(const UdpLoadTestConfig& config) {
  testing::internal::CaptureStdout();
  run_udp_load_test(config);
  return testing::internal::GetCapturedStdout();
}

TEST(LoadTest, EndsWithTheLineThatTheBencherReads) {
  const FakeTracker tracker(answer_rightly);
  const std::string output = output_of(short_config(tracker.address()));
  EXPECT_THAT(output, HasSubstr("Torrents: 50, peers: 100\nPeers per torrent: min "));
  EXPECT_THAT(output, HasSubstr("Announce responses per torrent: min "));
  EXPECT_THAT(output, HasSubstr("number_of_torrents = 50\n"));
  EXPECT_THAT(output, ContainsRegex("\nAverage responses per second: [1-9][0-9]*\n$"));
}

TEST(LoadTest, WritesItsReportAsJson) {
  const FakeTracker tracker(answer_rightly);
  UdpLoadTestConfig config = short_config(tracker.address());
  const aquatic::test::ScratchFolder folder;
  config.report_json = folder.path("report.json");
  config.tracker_pid = static_cast<std::uint32_t>(getpid());
  output_of(config);
  const std::string json = read_file(config.report_json, kMaxReportBytes);
  EXPECT_THAT(json, ContainsRegex("\"responses_per_second\":[1-9]"));
  EXPECT_THAT(json, ContainsRegex("\"tracker_cpu\":[{]\"running_s\":"));
}

TEST(LoadTest, WritesItsInfoHashes) {
  const FakeTracker tracker(answer_rightly);
  UdpLoadTestConfig config = short_config(tracker.address());
  const aquatic::test::ScratchFolder folder;
  config.info_hashes_path = folder.path("info_hashes.txt");
  output_of(config);
  const std::string text = read_file(config.info_hashes_path, kMaxReportBytes);
  EXPECT_EQ(text.size(), 50u * 41);
  EXPECT_TRUE(text.starts_with(Population::info_hash(0).to_hex() + "\n"));
}

TEST(LoadTest, StopsAtASignalWithItsReport) {
  std::atomic<int> announces = 0;
  const FakeTracker tracker([&](const udp::Request& request, const Endpoint&) {
    const bool is_announce = std::holds_alternative<udp::AnnounceRequest>(request);
    if (is_announce && ++announces == 10) kill(getpid(), SIGINT);
    return Answers{right_answer(request)};
  });
  UdpLoadTestConfig config = short_config(tracker.address());
  config.duration = 0;
  EXPECT_THAT(output_of(config), HasSubstr("Average responses per second: "));
}

void expect_failure(const UdpLoadTestConfig& config, const char* sentence) {
  testing::internal::CaptureStdout();
  EXPECT_THAT([&] { run_udp_load_test(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr(sentence)));
  testing::internal::GetCapturedStdout();
}

TEST(LoadTest, WrongResponsesAreAFailure) {
  const FakeTracker tracker([](const udp::Request& request, const Endpoint&) {
    return Answers{announce_answer(request, 3, 0, {})};
  });
  expect_failure(short_config(tracker.address()), "responses were wrong: see the report");
}

TEST(LoadTest, NoResponseIsAFailure) {
  expect_failure(short_config(*Endpoint::parse("127.0.0.1:9")), "no response from 127.0.0.1:9");
}

// Answers itself, and is ready after it was asked so often.
class SlowStarter final : public Generator {
 public:
  explicit SlowStarter(int looks) : looks_left_(looks) {}

  void run(const std::stop_token& stop) override {
    tally_.counts.add(LoadCount::announce_responses);
    while (!stop.stop_requested()) std::this_thread::yield();
  }
  const LoadTally& tally() const noexcept override { return tally_; }
  bool is_ready() const noexcept override { return looks_left_-- <= 0; }
  std::uint64_t open_connections() const noexcept override { return 7; }

 private:
  mutable int looks_left_;
  LoadTally tally_;
};

LoadTestOptions waiting_options() {
  LoadTestOptions options;
  options.program = "test";
  options.tracker = *Endpoint::parse("127.0.0.1:9");
  options.duration_s = 1;
  return options;
}

TEST(LoadTest, BeginsWhenAllAreReady) {
  LoadTestOptions options = waiting_options();
  options.ready_within_s = 60;
  testing::internal::CaptureStdout();
  run_load_test(options, [](const Population&, std::uint32_t, TorrentTally*) {
    return std::make_unique<SlowStarter>(1);
  });
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("\nReady after "));
}

TEST(LoadTest, DoesNotWaitForever) {
  LoadTestOptions options = waiting_options();
  options.ready_within_s = 1;
  testing::internal::CaptureStdout();
  EXPECT_THAT(
      [&] {
        run_load_test(options, [](const Population&, std::uint32_t, TorrentTally*) {
          return std::make_unique<SlowStarter>(1'000'000);
        });
      },
      ThrowsMessage<std::runtime_error>(
          HasSubstr("not ready within 1 s, with 7 connections open")));
  testing::internal::GetCapturedStdout();
}

TEST(LoadTest, SaysWhatKeepsItFromStarting) {
  UdpLoadTestConfig config = short_config(*Endpoint::parse("127.0.0.1:9"));
  config.tracker_pid = 4'194'304;  // Above the largest that Linux gives.
  expect_failure(config, "there is no such process");
  config = short_config(*Endpoint::parse("127.0.0.1:9"));
  config.info_hashes_path = "/nowhere/at/all";
  expect_failure(config, "cannot write /nowhere/at/all");
}

}  // namespace
}  // namespace aquatic::load_test
