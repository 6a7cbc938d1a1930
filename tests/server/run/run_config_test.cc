// SPDX-License-Identifier: Apache-2.0
#include "server/run/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "config/print.h"

namespace aquatic::server {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

// Everything that the parts are told, as text.
std::string parts_of(const RunConfig& config) {
  using config::Comments;
  return config::to_toml(udp_config(config), Comments::without) +
         config::to_toml(http_config(config), Comments::without) +
         config::to_toml(ws_config(config), Comments::without);
}

// Whether the setting could be given another value than it has.
bool change(const config::Setting& setting) {
  const config::Scalar candidates[] = {
      true,          false,     std::int64_t{300}, std::int64_t{17},    std::int64_t{70'000},
      "127.0.0.1:7", "[::1]:7", "192.0.2.0/24",    "rfc7239",           "mmsg",
      "pktinfo",     "json",    "debug",           std::string(64, 'a')};
  for (const config::Scalar& candidate : candidates) {
    if (candidate != setting.value && setting.assign(candidate)) return true;
  }
  return false;
}

// These concern the process as a whole, which does not ask its parts.
bool is_of_the_whole(std::string_view section, std::string_view name) {
  constexpr std::string_view kSections[] = {"statistics", "metrics", "privileges", "access_list",
                                            "scrape_exports"};
  return std::ranges::find(kSections, section) != std::end(kSections) || name == "enable" ||
         name == "require_tls";
}

TEST(RunConfig, ReachesItsParts) {
  const std::string before = parts_of(RunConfig());
  std::size_t setting_count = 0;
  RunConfig outline;
  for (std::size_t i = 0; i < config::describe(outline).size(); ++i) {
    for (std::size_t j = 0; j < config::describe(outline)[i].settings.size(); ++j) {
      RunConfig config;
      const config::Section section = config::describe(config)[i];
      const config::Setting& setting = section.settings[j];
      if (is_of_the_whole(section.name, setting.name)) continue;
      ASSERT_TRUE(change(setting)) << section.name << "." << setting.name;
      EXPECT_NE(parts_of(config), before) << section.name << "." << setting.name;
      ++setting_count;
    }
  }
  EXPECT_GT(setting_count, 60u);
}

TEST(RunConfig, KnowsWhereItListens) {
  RunConfig config;
  const Endpoint v4 = config.network.address_ipv4;
  const Endpoint v6 = config.network.address_ipv6;
  EXPECT_EQ(addresses_of(config), (std::vector<Endpoint>{v4, v6}));
  config.network.use_ipv4 = false;
  EXPECT_EQ(addresses_of(config), std::vector<Endpoint>{v6});
  config.http.enable = false;
  EXPECT_TRUE(has_tcp(config));
  config.ws.enable = false;
  EXPECT_FALSE(has_tcp(config));
}

TEST(RunConfig, IsDocumentedAsItIs) {
  const std::string section = config::to_markdown("aquatic", RunConfig{});
  EXPECT_NE(read_file("docs/configuration.md", std::size_t{1} << 20).find(section),
            std::string::npos)
      << "docs/configuration.md is out of date; run: "
         "build/release/aquatic --print-reference > docs/configuration.md";
}

TEST(RunConfig, NamesThePartThatANoteIsAbout) {
  RunConfig config;
  EXPECT_THAT(validate(config), testing::IsEmpty());
  config.udp.max_scrape_torrents = 100;
  EXPECT_THAT(validate(config), Contains(HasSubstr("[udp] ")));
  config.udp.enable = false;
  EXPECT_THAT(validate(config), Not(Contains(HasSubstr("[udp] "))));
}

TEST(RunConfig, RefusesWhatContradictsItself) {
  RunConfig config;
  config.network.require_tls = true;
  EXPECT_THAT([&] { validate(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("network.enable_tls")));
  config = {};
  config.udp.enable = config.http.enable = config.ws.enable = false;
  EXPECT_THAT([&] { validate(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("nothing to serve")));
  config = {};
  config.network.enable_tls = true;
  EXPECT_THAT([&] { validate(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("network.tls_certificate_path")));
}

}  // namespace
}  // namespace aquatic::server
