// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_load_test_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/load_test/config_checks.h"

namespace aquatic::load_test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// What the original prints as its defaults.
constexpr std::string_view kOriginal = R"(
server_address = "127.0.0.1:3000"
log_level = "warn"
num_workers = 1
num_connections_per_worker = 16
connection_creation_interval_ms = 10
duration = 0
measure_after_max_connections_reached = true

[torrents]
offers_per_request = 10
number_of_torrents = 10000
peer_seeder_probability = 0.25
weight_announce = 5
weight_scrape = 0
torrent_gamma_shape = 0.2
torrent_gamma_scale = 100.0
)";

TEST(WsLoadTestConfig, AFileOfTheOriginalHasOurDefaultsButForTorrents) {
  WsLoadTestConfig config;
  EXPECT_THAT(load(kOriginal, config), AllOf(SizeIs(2), Each(HasSubstr("fixed distribution"))));
  EXPECT_EQ(config.torrents.number_of_torrents, 10'000u);
  config.torrents.number_of_torrents = WsLoadTestConfig{}.torrents.number_of_torrents;
  expect_defaults(config);
}

TEST(WsLoadTestConfig, DefaultsSurviveBeingPrintedAndLoaded) {
  expect_to_survive_being_printed_and_loaded(WsLoadTestConfig());
}

TEST(WsLoadTestConfig, RefusesWhatContradictsItself) {
  expect_refused<WsLoadTestConfig>([](auto& c) { c.server_address.port = 0; }, "port 0");
  expect_refused<WsLoadTestConfig>([](auto& c) { c.torrents.weight_announce = 0; },
                                   "nothing to ask");
  expect_refused<WsLoadTestConfig>(
      [](auto& c) {
        c.num_workers = 255;
        c.num_connections_per_worker = 65'536;
        c.torrents.torrents_per_connection = 1000;
      },
      "more than 4294967295 peers");
  expect_refused<WsLoadTestConfig>(
      [](auto& c) {
        c.duration = 10;
        c.warmup = 10;
      },
      "warmup is not shorter");
}

TEST(WsLoadTestConfig, NotesWhatHasNoEffect) {
  WsLoadTestConfig config;
  config.resume_tls_sessions = true;
  EXPECT_THAT(validate(config), ElementsAre(HasSubstr("ignored without enable_tls")));
}

}  // namespace
}  // namespace aquatic::load_test
