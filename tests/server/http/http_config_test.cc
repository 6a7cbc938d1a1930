// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_config.h"

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

std::string refusal_of(const HttpConfig& config) {
  try {
    validate(config);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(HttpConfig, HasDefaultsThatRunAsTheyAre) { EXPECT_THAT(validate(HttpConfig{}), IsEmpty()); }

// Those of the original, but for what is decided otherwise.
TEST(HttpConfig, KeepsTheDefaultsOfTheOriginal) {
  const HttpConfig config;
  EXPECT_EQ(config.socket_workers, 0u) << "one for each CPU";
  EXPECT_EQ(config.network.address_ipv4.to_string(), "0.0.0.0:3000");
  EXPECT_EQ(config.network.address_ipv6.to_string(), "[::]:3000");
  EXPECT_EQ(config.network.tcp_backlog, 1024);
  EXPECT_TRUE(config.network.keep_alive);
  EXPECT_FALSE(config.network.enable_tls);
  EXPECT_FALSE(config.network.runs_behind_reverse_proxy);
  EXPECT_EQ(config.network.reverse_proxy_ip_header_name, "X-Forwarded-For");
  EXPECT_EQ(config.network.reverse_proxy_ip_header_format, ProxyHeaderFormat::last_address);
  EXPECT_EQ(config.protocol.max_peers, 50u);
  EXPECT_EQ(config.protocol.peer_announce_interval, 120u);
  EXPECT_EQ(config.cleaning.torrent_cleaning_interval, 30u);
  EXPECT_EQ(config.cleaning.max_peer_age, 1800u);
  EXPECT_EQ(config.cleaning.max_connection_idle, 180u);
  EXPECT_EQ(config.access_list.mode, access_list::Mode::off);
}

TEST(HttpConfig, PrintsDefaultsThatLoad) {
  const std::string printed = to_toml(HttpConfig{}, config::Comments::with);
  HttpConfig loaded;
  loaded.network.keep_alive = false;
  loaded.network.trusted_proxies = "";
  EXPECT_THAT(config::load_toml(printed, "f", config::describe(loaded), old_keys(loaded)),
              IsEmpty());
  EXPECT_EQ(to_toml(loaded, config::Comments::with), printed);
}

TEST(HttpConfig, LoadsNetworksAndFormats) {
  HttpConfig config;
  config::load_toml(
      "[network]\ntrusted_proxies = \"192.0.2.1\"\n"
      "reverse_proxy_ip_header_format = \"rfc7239\"\n",
      "f", config::describe(config), old_keys(config));
  EXPECT_TRUE(config.network.trusted_proxies.contain(*IpAddress::parse("192.0.2.1")));
  EXPECT_FALSE(config.network.trusted_proxies.contain(*IpAddress::parse("127.0.0.1")));
  EXPECT_EQ(config.network.reverse_proxy_ip_header_format, ProxyHeaderFormat::rfc7239);
  EXPECT_THROW(config::load_toml("[network]\ntrusted_proxies = \"192.0.2.1/8\"\n", "f",
                                 config::describe(config), old_keys(config)),
               config::LoadError);
}

TEST(HttpConfig, DocumentsEverySetting) {
  HttpConfig config;
  for (const config::Section& section : config::describe(config)) {
    for (const config::Setting& setting : section.settings) {
      EXPECT_TRUE(setting.doc.ends_with('.')) << setting.name;
    }
  }
}

TEST(HttpConfig, IsDocumentedAsItIs) {
  const std::string path = "docs/configuration.md";
  const std::string section = config::to_markdown("aquatic_http", HttpConfig{});
  EXPECT_NE(read_file(path, std::size_t{1} << 20).find(section), std::string::npos)
      << "docs/configuration.md is out of date; run: "
         "build/release/aquatic --print-reference > docs/configuration.md";
}

TEST(ValidateHttp, RefusesContradictions) {
  EXPECT_THAT(refusal_of({.network = {.use_ipv4 = false, .use_ipv6 = false}}),
              HasSubstr("nothing to listen on"));
  EXPECT_THAT(refusal_of({.network = {.enable_tls = true, .tls_private_key_path = "k"}}),
              HasSubstr("network.tls_certificate_path is empty"));
  EXPECT_THAT(refusal_of({.network = {.enable_tls = true, .tls_certificate_path = "c"}}),
              HasSubstr("network.tls_private_key_path is empty"));
  EXPECT_THAT(refusal_of({.network = {.runs_behind_reverse_proxy = true, .trusted_proxies = ""}}),
              HasSubstr("network.trusted_proxies is empty"));
  EXPECT_THAT(refusal_of({.network = {.proxy_protocol = true, .trusted_proxies = ""}}),
              HasSubstr("network.trusted_proxies is empty"));
  EXPECT_EQ(refusal_of({.network = {.trusted_proxies = ""}}), "") << "nobody asks";
  EXPECT_THAT(refusal_of({.network = {.runs_behind_reverse_proxy = true,
                                      .reverse_proxy_ip_header_name = ""}}),
              HasSubstr("network.reverse_proxy_ip_header_name is empty"));
  EXPECT_THAT(refusal_of({.access_list = {.mode = access_list::Mode::deny, .path = ""}}),
              HasSubstr("access_list.path"));
  EXPECT_THAT(refusal_of({.privileges = {.drop_privileges = true, .user = ""}}),
              HasSubstr("privileges.user"));
}

TEST(ValidateHttp, NotesWhatIsNotAsItSeems) {
  EXPECT_THAT(validate({.network = {.tls_certificate_path = "c", .tls_private_key_path = "k"}}),
              ElementsAre(HasSubstr("network.enable_tls is false")));
  EXPECT_THAT(validate({.network = {.enable_tls = true,
                                    .tls_certificate_path = "c",
                                    .tls_private_key_path = "k"}}),
              IsEmpty());
  EXPECT_THAT(validate({.metrics = {.run_prometheus_endpoint = true}}), IsEmpty());
  EXPECT_THAT(
      validate({.protocol = {.peer_announce_interval = 900}, .cleaning = {.max_peer_age = 899}}),
      ElementsAre(HasSubstr("max_peer_age")));
}

TEST(ValidateHttp, NotesAHeaderOfAnotherFormat) {
  const auto notes = [](const char* name, ProxyHeaderFormat format) {
    return validate({.network = {.runs_behind_reverse_proxy = true,
                                 .reverse_proxy_ip_header_name = name,
                                 .reverse_proxy_ip_header_format = format}});
  };
  using enum ProxyHeaderFormat;
  EXPECT_THAT(notes("X-Real-IP", last_address), IsEmpty());
  EXPECT_THAT(notes("forwarded", rfc7239), IsEmpty());
  EXPECT_THAT(notes("Forwarded", last_address), ElementsAre(HasSubstr("Forwarded")));
  EXPECT_THAT(notes("X-Forwarded-For", rfc7239), ElementsAre(HasSubstr("Forwarded")));
}

}  // namespace
}  // namespace aquatic::server
