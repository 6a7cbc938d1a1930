// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "config/load.h"
#include "config/print.h"

namespace aquatic::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal_of(const UdpConfig& config) {
  try {
    validate(config);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(UdpConfig, HasDefaultsThatRunAsTheyAre) { EXPECT_THAT(validate(UdpConfig{}), IsEmpty()); }

// Those of the original, but for what is decided otherwise.
TEST(UdpConfig, KeepsTheDefaultsOfTheOriginal) {
  const UdpConfig config;
  EXPECT_EQ(config.socket_workers, 0u) << "one for each CPU";
  EXPECT_EQ(config.network.address_ipv4.to_string(), "0.0.0.0:3000");
  EXPECT_EQ(config.network.address_ipv6.to_string(), "[::]:3000");
  EXPECT_EQ(config.network.socket_recv_buffer_size, 8'000'000u);
  EXPECT_EQ(config.protocol.max_scrape_torrents, 74u);
  EXPECT_EQ(config.protocol.max_response_peers, 30u);
  EXPECT_EQ(config.protocol.peer_announce_interval, 900u);
  EXPECT_EQ(config.cleaning.torrent_cleaning_interval, 120u);
  EXPECT_EQ(config.cleaning.max_connection_age, 120u);
  EXPECT_EQ(config.cleaning.max_peer_age, 1200u);
  EXPECT_FALSE(config.privileges.drop_privileges);
  EXPECT_EQ(config.access_list.mode, access_list::Mode::off);
}

TEST(UdpConfig, PrintsDefaultsThatLoad) {
  const std::string printed = to_toml(UdpConfig{}, config::Comments::with);
  UdpConfig loaded;
  loaded.network.nap_us = 1;
  EXPECT_THAT(config::load_toml(printed, "f", config::describe(loaded), old_keys(loaded)),
              IsEmpty());
  EXPECT_EQ(to_toml(loaded, config::Comments::with), printed);
}

TEST(UdpConfig, DocumentsEverySetting) {
  UdpConfig config;
  for (const config::Section& section : config::describe(config)) {
    for (const config::Setting& setting : section.settings) {
      EXPECT_TRUE(setting.doc.ends_with('.')) << setting.name;
    }
  }
}

TEST(UdpConfig, IsDocumentedAsItIs) {
  const std::string path = "docs/configuration.md";
  const std::string section = config::to_markdown("aquatic_udp", UdpConfig{});
  EXPECT_NE(read_file(path, std::size_t{1} << 20).find(section), std::string::npos)
      << "docs/configuration.md is out of date; run: "
         "build/release/aquatic --print-reference > docs/configuration.md";
}

TEST(Validate, RefusesContradictions) {
  EXPECT_THAT(refusal_of({.network = {.use_ipv4 = false, .use_ipv6 = false}}),
              HasSubstr("nothing to listen on"));
  EXPECT_EQ(refusal_of({.network = {.use_ipv4 = false}}), "");
  EXPECT_EQ(refusal_of({.network = {.use_ipv6 = false}}), "");
  EXPECT_THAT(refusal_of({.access_list = {.mode = access_list::Mode::deny, .path = ""}}),
              HasSubstr("access_list.path"));
  EXPECT_EQ(refusal_of({.access_list = {.path = ""}}), "") << "nobody reads it";
  EXPECT_THAT(refusal_of({.privileges = {.drop_privileges = true, .user = ""}}),
              HasSubstr("privileges.user"));
  EXPECT_THAT(refusal_of({.privileges = {.drop_privileges = true, .group = ""}}),
              HasSubstr("privileges.group"));
  EXPECT_THAT(refusal_of({.privileges = {.drop_privileges = true, .chroot_path = ""}}),
              HasSubstr("privileges.chroot_path"));
}

// The original took any number that fits a byte: its files have to load.
TEST(Validate, NotesScrapesThatTheProtocolDoesNotAllow) {
  EXPECT_THAT(validate({.protocol = {.max_scrape_torrents = 255}}),
              ElementsAre(HasSubstr("74 it is")));
}

TEST(Validate, NotesPeersThatAreForgottenTooSoon) {
  EXPECT_THAT(
      validate({.protocol = {.peer_announce_interval = 900}, .cleaning = {.max_peer_age = 899}}),
      ElementsAre(HasSubstr("max_peer_age")));
}

}  // namespace
}  // namespace aquatic::server
