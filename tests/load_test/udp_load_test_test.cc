// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_load_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/load_test/fake_tracker.h"

namespace aquatic::load_test {
namespace {

using testing::HasSubstr;

// What every load test does is tested in load_test_test.cc.
TEST(UdpLoadTest, AsksWithItsOwnSettings) {
  const test::FakeTracker tracker([](const udp::Request& request, const Endpoint&) {
    return test::Answers{test::right_answer(request)};
  });
  UdpLoadTestConfig config;
  static_cast<Endpoint&>(config.server_address) = tracker.address();
  config.duration = 1;
  config.rate = 1000;
  config.requests.number_of_torrents = 50;
  config.requests.number_of_peers = 100;
  testing::internal::CaptureStdout();
  run_udp_load_test(config);
  const std::string output = testing::internal::GetCapturedStdout();
  EXPECT_THAT(output, HasSubstr("Torrents: 50, peers: 100\n"));
  EXPECT_THAT(output, HasSubstr("# aquatic_udp_load_test report\n"));
  EXPECT_THAT(output, HasSubstr("connect_responses: "));
}

}  // namespace
}  // namespace aquatic::load_test
