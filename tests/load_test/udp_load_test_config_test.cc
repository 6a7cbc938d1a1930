// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_load_test_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/load_test/config_checks.h"

namespace aquatic::load_test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// What the original prints as its defaults, with CPU pinning compiled in.
constexpr std::string_view kOriginal = R"(
server_address = "127.0.0.1:3000"
log_level = "error"
workers = 1
duration = 0
summarize_last = 0
extra_statistics = true

[network]
multiple_client_ipv4s = true
sockets_per_worker = 4
recv_buffer = 8000000

[requests]
number_of_torrents = 1000000
number_of_peers = 2000000
scrape_max_torrents = 10
announce_peers_wanted = 30
weight_connect = 50
weight_announce = 50
weight_scrape = 1
peer_seeder_probability = 0.75

[cpu_pinning]
active = false
direction = "descending"
core_offset = 0
)";

TEST(UdpLoadTestConfig, AFileOfTheOriginalHasOurDefaults) {
  UdpLoadTestConfig config;
  EXPECT_THAT(load(kOriginal, config), AllOf(SizeIs(3), Each(HasSubstr("taskset"))));
  expect_defaults(config);
}

TEST(UdpLoadTestConfig, DefaultsSurviveBeingPrintedAndLoaded) {
  expect_to_survive_being_printed_and_loaded(UdpLoadTestConfig());
}

TEST(UdpLoadTestConfig, RefusesWhatContradictsItself) {
  expect_refused<UdpLoadTestConfig>([](auto& c) { c.server_address = "127.0.0.1:0"; }, "port 0");
  expect_refused<UdpLoadTestConfig>(
      [](auto& c) {
        c.requests.weight_connect = 0;
        c.requests.weight_announce = 0;
        c.requests.weight_scrape = 0;
      },
      "nothing to ask");
  expect_refused<UdpLoadTestConfig>([](auto& c) { c.requests.number_of_peers = 3; },
                                    "number_of_peers is less");
  expect_refused<UdpLoadTestConfig>([](auto& c) { c.outstanding = 65'536 / 4 + 1; }, "above 65536");
  expect_refused<UdpLoadTestConfig>(
      [](auto& c) {
        c.duration = 10;
        c.summarize_last = 11;
      },
      "summarize_last is longer");
  expect_refused<UdpLoadTestConfig>(
      [](auto& c) {
        c.duration = 10;
        c.warmup = 10;
      },
      "warmup is not shorter");
}

TEST(UdpLoadTestConfig, AcceptsTheLimits) {
  UdpLoadTestConfig config;
  config.outstanding = 65'536 / 4;
  config.requests.number_of_peers = 4;
  config.duration = 10;
  config.summarize_last = 10;
  config.warmup = 9;
  EXPECT_THAT(validate(config), IsEmpty());
  config.rate = 1;  // A pace has no use for `outstanding`.
  config.outstanding = 65'536;
  EXPECT_THAT(validate(config), IsEmpty());
}

TEST(UdpLoadTestConfig, NotesWhatHasNoEffect) {
  UdpLoadTestConfig config;
  config.summarize_last = 5;
  EXPECT_THAT(validate(config), ElementsAre(HasSubstr("ignored without a duration")));
}

}  // namespace
}  // namespace aquatic::load_test
