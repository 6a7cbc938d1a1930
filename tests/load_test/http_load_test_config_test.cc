// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_load_test_config.h"

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

// What the original prints as its defaults.
constexpr std::string_view kOriginal = R"(
server_address = "127.0.0.1:3000"
log_level = "error"
num_workers = 1
num_connections = 128
connection_creation_interval_ms = 10
url_suffix = ""
duration = 0
keep_alive = true
enable_tls = true

[torrents]
number_of_torrents = 10000
peer_seeder_probability = 0.25
weight_announce = 5
weight_scrape = 0
torrent_gamma_shape = 0.2
torrent_gamma_scale = 100.0
)";

TEST(HttpLoadTestConfig, AFileOfTheOriginalHasOurDefaultsButForTls) {
  HttpLoadTestConfig config;
  EXPECT_THAT(load(kOriginal, config), AllOf(SizeIs(2), Each(HasSubstr("fixed distribution"))));
  EXPECT_TRUE(config.enable_tls);
  config.enable_tls = false;
  expect_defaults(config);
}

TEST(HttpLoadTestConfig, DefaultsSurviveBeingPrintedAndLoaded) {
  expect_to_survive_being_printed_and_loaded(HttpLoadTestConfig());
}

TEST(HttpLoadTestConfig, VersionsOfTlsHaveTheirNumbers) {
  HttpLoadTestConfig config;
  EXPECT_THAT(load("tls_version = \"1.2\"", config), IsEmpty());
  EXPECT_EQ(config.tls_version, TlsVersion::tls_1_2);
}

TEST(HttpLoadTestConfig, RefusesWhatContradictsItself) {
  expect_refused<HttpLoadTestConfig>([](auto& c) { c.server_address.port = 0; }, "port 0");
  expect_refused<HttpLoadTestConfig>([](auto& c) { c.torrents.weight_announce = 0; },
                                     "nothing to ask");
  expect_refused<HttpLoadTestConfig>([](auto& c) { c.torrents.number_of_peers = 127; },
                                     "number_of_peers is less");
  expect_refused<HttpLoadTestConfig>([](auto& c) { c.url_suffix = "/a b"; }, "url_suffix");
  expect_refused<HttpLoadTestConfig>([](auto& c) { c.url_suffix = "/a#b"; }, "url_suffix");
  expect_refused<HttpLoadTestConfig>([](auto& c) { c.url_suffix = "?a=b"; }, "url_suffix");
  expect_refused<HttpLoadTestConfig>(
      [](auto& c) {
        c.pipelining = 2;
        c.keep_alive = false;
      },
      "pipelining needs keep_alive");
  expect_refused<HttpLoadTestConfig>(
      [](auto& c) {
        c.duration = 10;
        c.warmup = 10;
      },
      "warmup is not shorter");
}

TEST(HttpLoadTestConfig, AcceptsTheLimits) {
  HttpLoadTestConfig config;
  config.torrents.number_of_peers = 128;
  config.pipelining = 1024;
  config.url_suffix = "/secret%20";
  EXPECT_THAT(validate(config), IsEmpty());
}

TEST(HttpLoadTestConfig, NotesWhatHasNoEffect) {
  HttpLoadTestConfig config;
  config.resume_tls_sessions = true;
  EXPECT_THAT(validate(config), ElementsAre(HasSubstr("ignored without enable_tls")));
}

}  // namespace
}  // namespace aquatic::load_test
