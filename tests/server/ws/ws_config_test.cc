// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_config.h"

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

std::string refusal_of(const WsConfig& config) {
  try {
    validate(config);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(WsConfig, HasDefaultsThatRunAsTheyAre) { EXPECT_THAT(validate(WsConfig{}), IsEmpty()); }

// Those of the original, but for what is decided otherwise.
TEST(WsConfig, KeepsTheDefaultsOfTheOriginal) {
  const WsConfig config;
  EXPECT_EQ(config.socket_workers, 0u) << "one for each CPU";
  EXPECT_EQ(config.network.address_ipv4.to_string(), "0.0.0.0:3000");
  EXPECT_EQ(config.network.websocket_max_message_size, 65'536u);
  EXPECT_EQ(config.network.websocket_max_frame_size, 65'536u) << "browsers send one frame";
  EXPECT_EQ(config.protocol.max_scrape_torrents, 255u);
  EXPECT_EQ(config.protocol.max_offers, 10u);
  EXPECT_EQ(config.protocol.peer_announce_interval, 120u);
  EXPECT_EQ(config.cleaning.torrent_cleaning_interval, 30u);
  EXPECT_EQ(config.cleaning.max_peer_age, 180u);
  EXPECT_EQ(config.cleaning.max_offer_age, 120u);
  EXPECT_EQ(config.cleaning.max_connection_idle, 180u);
}

TEST(WsConfig, PrintsDefaultsThatLoad) {
  const std::string printed = to_toml(WsConfig{}, config::Comments::with);
  WsConfig loaded;
  loaded.network.serve_stats = false;
  loaded.network.denied_origins = "x";
  EXPECT_THAT(config::load_toml(printed, "f", config::describe(loaded), old_keys(loaded)),
              IsEmpty());
  EXPECT_EQ(to_toml(loaded, config::Comments::with), printed);
}

TEST(WsConfig, LoadsOrigins) {
  WsConfig config;
  config::load_toml("[network]\nallowed_origins = \"https://a.example, http://b.example:8080\"\n",
                    "f", config::describe(config), old_keys(config));
  EXPECT_THAT(config.network.allowed_origins.items,
              ElementsAre("https://a.example", "http://b.example:8080"));
}

TEST(WsConfig, DocumentsEverySetting) {
  WsConfig config;
  for (const config::Section& section : config::describe(config)) {
    for (const config::Setting& setting : section.settings) {
      EXPECT_TRUE(setting.doc.ends_with('.')) << setting.name;
    }
  }
}

TEST(WsConfig, IsDocumentedAsItIs) {
  const std::string path = "docs/configuration.md";
  const std::string section = config::to_markdown("aquatic_ws", WsConfig{});
  EXPECT_NE(read_file(path, std::size_t{1} << 20).find(section), std::string::npos)
      << "docs/configuration.md is out of date; run: "
         "build/release/aquatic --print-reference > docs/configuration.md";
}

TEST(ValidateWs, RefusesContradictions) {
  EXPECT_THAT(refusal_of({.network = {.use_ipv4 = false, .use_ipv6 = false}}),
              HasSubstr("nothing to listen on"));
  EXPECT_THAT(refusal_of({.network = {.enable_tls = true, .tls_private_key_path = "k"}}),
              HasSubstr("network.tls_certificate_path is empty"));
  EXPECT_THAT(refusal_of({.network = {.websocket_max_message_size = 8192}}),
              HasSubstr("network.websocket_max_frame_size"));
  EXPECT_THAT(refusal_of({.network = {.websocket_max_message_size = 8192,
                                      .websocket_max_frame_size = 8192}}),
              HasSubstr("limits.max_sdp_bytes"));
}

TEST(ValidateWs, NotesWhatIsNotAsItSeems) {
  EXPECT_THAT(validate({.network = {.tls_certificate_path = "c", .tls_private_key_path = "k"}}),
              ElementsAre(HasSubstr("ws is served")));
  EXPECT_THAT(validate({.cleaning = {.max_connection_idle = 100}}),
              ElementsAre(HasSubstr("max_connection_idle")));
  EXPECT_THAT(validate({.metrics = {.peer_clients = true}}), testing::IsEmpty());
}

}  // namespace
}  // namespace aquatic::server
