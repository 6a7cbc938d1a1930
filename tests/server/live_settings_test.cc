// SPDX-License-Identifier: Apache-2.0
#include "server/live_settings.h"

#include <gtest/gtest.h>

#include "server/http/http_config.h"
#include "server/run/run_config.h"
#include "server/udp/udp_config.h"
#include "server/ws/ws_config.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

class LiveSettingsTest : public testing::Test {
 protected:
  LiveSettingsTest() { write("log_level = \"off\""); }
  ~LiveSettingsTest() override { log::configure(log::Level::warn, log::Format::text); }

  void write(const std::string& text) { folder_.write("aquatic.toml", text); }

  const test::ScratchFolder folder_;
  const config::Source<UdpConfig> source_{folder_.path("aquatic.toml")};
};

TEST_F(LiveSettingsTest, AreReadAgain) {
  LiveSettings settings(UdpConfig(), source_);
  write("log_level = \"off\"\n[protocol]\nmax_response_peers = 7\n[network]\nnap_us = 1\n");
  EXPECT_TRUE(settings.reload());
  EXPECT_EQ(settings.current().protocol.max_response_peers, 7u);
  EXPECT_EQ(settings.current().network.nap_us, UdpConfig().network.nap_us) << "wants a restart";
  EXPECT_FALSE(settings.reload()) << "nothing is new";
}

TEST_F(LiveSettingsTest, StayAsTheyAreWhereTheFileIsWrong) {
  LiveSettings settings(UdpConfig(), source_);
  for (const char* text :
       {"log_level = \"off\"\nnonsense = 1", "[protocol]\nmax_response_peers = 0",
        "[network]\nuse_ipv4 = false\nuse_ipv6 = false"}) {
    write(text);
    EXPECT_THROW(settings.reload(), std::runtime_error) << text;
  }
  EXPECT_EQ(settings.current().protocol.max_response_peers,
            UdpConfig().protocol.max_response_peers);
}

TEST_F(LiveSettingsTest, AreTheDefaultsWithoutAFile) {
  const config::Source<UdpConfig> none;
  EXPECT_FALSE(LiveSettings(UdpConfig(), none).reload());
}

// A name in a list of fixed settings that is none would let the setting it means change.
template <class Config>
void expect_fixed_settings_to_exist() {
  Config config;
  const config::Sections sections = config::describe(config);
  for (const std::string_view fixed : fixed_settings(config)) {
    bool exists = false;
    for (const config::Section& section : sections) {
      exists = exists || section.name == fixed;
      for (const config::Setting& setting : section.settings) {
        const std::string prefix = section.name.empty() ? "" : std::string(section.name) + ".";
        exists = exists || prefix + std::string(setting.name) == fixed;
      }
    }
    EXPECT_TRUE(exists) << fixed;
  }
}

TEST(FixedSettings, Exist) {
  expect_fixed_settings_to_exist<UdpConfig>();
  expect_fixed_settings_to_exist<HttpConfig>();
  expect_fixed_settings_to_exist<WsConfig>();
  expect_fixed_settings_to_exist<RunConfig>();
}

}  // namespace
}  // namespace aquatic::server
