// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_load_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/load_test/http_tracker.h"

namespace aquatic::load_test {
namespace {

using test::StreamTracker;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::ThrowsMessage;

HttpLoadTestConfig short_config(const Endpoint& tracker) {
  HttpLoadTestConfig config;
  static_cast<Endpoint&>(config.server_address) = tracker;
  config.duration = 1;
  config.num_connections = 4;
  config.rate = 500;
  config.torrents.number_of_torrents = 50;
  config.torrents.number_of_peers = 100;
  return config;
}

// What every load test does is tested in load_test_test.cc.
TEST(HttpLoadTest, AsksWithItsOwnSettings) {
  const StreamTracker tracker(test::answer_with(
      [](const http::Target& target, const Endpoint&) { return test::right_body(target); }));
  testing::internal::CaptureStdout();
  run_http_load_test(short_config(tracker.address()));
  const std::string output = testing::internal::GetCapturedStdout();
  EXPECT_THAT(output, HasSubstr("Torrents: 50, peers: 100\n"));
  EXPECT_THAT(output, HasSubstr("# aquatic_http_load_test report\n"));
  EXPECT_THAT(output, HasSubstr("Bandwidth in Mbit/s: out "));
  EXPECT_THAT(output, ContainsRegex("\nAverage responses per second: [1-9][0-9]*\n$"));
}

TEST(HttpLoadTest, SaysThatTheSystemHasNoRoomForTheConnections) {
  HttpLoadTestConfig config = short_config(*Endpoint::parse("127.0.0.1:9"));
  config.num_workers = 255;
  config.num_connections = 65'536;
  EXPECT_THAT([&] { run_http_load_test(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("lower num_connections")));
}

}  // namespace
}  // namespace aquatic::load_test
