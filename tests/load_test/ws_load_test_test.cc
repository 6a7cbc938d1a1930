// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_load_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/load_test/ws_tracker.h"

namespace aquatic::load_test {
namespace {

using test::StreamTracker;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::ThrowsMessage;

WsLoadTestConfig short_config(const Endpoint& tracker) {
  WsLoadTestConfig config;
  static_cast<Endpoint&>(config.server_address) = tracker;
  config.duration = 1;
  config.num_connections_per_worker = 4;
  config.rate = 200;
  config.torrents.number_of_torrents = 5;
  return config;
}

// What every load test does is tested in load_test_test.cc.
TEST(WsLoadTest, AsksWithItsOwnSettings) {
  const StreamTracker tracker(test::serve_ws());
  testing::internal::CaptureStdout();
  run_ws_load_test(short_config(tracker.address()));
  const std::string output = testing::internal::GetCapturedStdout();
  EXPECT_THAT(output, HasSubstr("Torrents: 5, peers: 40\n"));
  EXPECT_THAT(output, HasSubstr("\nReady after "));
  EXPECT_THAT(output, HasSubstr("# aquatic_ws_load_test report\n"));
  EXPECT_THAT(output, HasSubstr("Latency of offers in microseconds: p50 "));
  EXPECT_THAT(output, ContainsRegex("\nAverage responses per second: [1-9][0-9]*\n$"));
}

TEST(WsLoadTest, SaysThatTheSystemHasNoRoomForTheConnections) {
  WsLoadTestConfig config = short_config(*Endpoint::parse("127.0.0.1:9"));
  config.num_workers = 255;
  config.num_idle_connections_per_worker = 65'536;
  EXPECT_THAT([&] { run_ws_load_test(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("num_idle_connections_per_worker")));
}

}  // namespace
}  // namespace aquatic::load_test
