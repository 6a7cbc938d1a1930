// SPDX-License-Identifier: Apache-2.0
// Files of older versions of aquatic_http.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "config/print.h"
#include "server/http/http_config.h"

namespace aquatic::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Loaded {
  HttpConfig config;
  std::vector<std::string> notes;
};

Loaded load(std::string_view toml) {
  Loaded loaded;
  loaded.notes =
      config::load_toml(toml, "f", config::describe(loaded.config), old_keys(loaded.config));
  return loaded;
}

// What all versions since 2022 have alike.
constexpr std::string_view kRest = R"(
[cleaning]
torrent_cleaning_interval = 30
connection_cleaning_interval = 60
max_peer_age = 1800
max_connection_idle = 180
[privileges]
drop_privileges = false
chroot_path = "."
group = "nogroup"
user = "nobody"
[access_list]
mode = "off"
path = "./access-list.txt"
[metrics]
run_prometheus_endpoint = false
prometheus_endpoint_address = "0.0.0.0:9000"
torrent_count_update_interval = 10
[protocol]
max_scrape_torrents = 100
max_peers = 50
peer_announce_interval = 120
[network]
tcp_backlog = 1024
tls_certificate_path = ""
tls_private_key_path = ""
keep_alive = true
)";

// Every key with its default, as the versions of 2025 on print them.
TEST(HttpOldKeys, LoadAFileOf2026) {
  const Loaded loaded = load("socket_workers = 1\nswarm_workers = 1\nlog_level = \"warn\"\n" +
                             std::string(kRest) + R"(
use_ipv4 = true
use_ipv6 = true
address_ipv4 = "0.0.0.0:3000"
address_ipv6 = "[::]:3000"
enable_tls = false
runs_behind_reverse_proxy = false
reverse_proxy_ip_header_name = "X-Forwarded-For"
reverse_proxy_ip_header_format = "last_address"
set_only_ipv6 = true
)");
  EXPECT_THAT(loaded.notes, IsEmpty());
  HttpConfig expected;
  expected.socket_workers = 1;
  expected.protocol.max_scrape_torrents = 100;
  EXPECT_EQ(to_toml(loaded.config, config::Comments::without),
            to_toml(expected, config::Comments::without));
}

// aquatic_http 0.9.
TEST(HttpOldKeys, LoadAFileOf2024) {
  const Loaded loaded =
      load("socket_workers = 1\nswarm_workers = 1\nlog_level = \"error\"\n" + std::string(kRest) +
           R"(
address = "0.0.0.0:3000"
only_ipv6 = false
enable_tls = false
runs_behind_reverse_proxy = false
reverse_proxy_ip_header_name = "X-Forwarded-For"
reverse_proxy_ip_header_format = "last_address"
)");
  EXPECT_THAT(loaded.notes,
              ElementsAre(HasSubstr("`network.address`"), HasSubstr("`network.only_ipv6`")));
  EXPECT_TRUE(loaded.config.network.use_ipv4);
  EXPECT_FALSE(loaded.config.network.use_ipv6) << "the old address was IPv4 only";
}

// aquatic_http 0.8, which had nothing but HTTPS.
TEST(HttpOldKeys, LoadAFileOf2023) {
  const Loaded loaded =
      load("socket_workers = 1\nswarm_workers = 2\nlog_level = \"error\"\n" + std::string(kRest) +
           "address = \"[::]:443\"\n[cpu_pinning]\nactive = false\ndirection = \"ascending\"\n"
           "hyperthread = \"system\"\ncore_offset = 0\n");
  EXPECT_THAT(loaded.notes,
              ElementsAre(HasSubstr("`swarm_workers`"), HasSubstr("`network.address`"),
                          HasSubstr("cpu_pinning"), HasSubstr("cpu_pinning"),
                          HasSubstr("cpu_pinning"), HasSubstr("cpu_pinning")));
  EXPECT_TRUE(loaded.config.network.use_ipv4 && loaded.config.network.use_ipv6);
  EXPECT_EQ(loaded.config.network.address_ipv4.port, 443);
}

TEST(HttpOldKeys, LoadAFileOf2021) {
  const Loaded loaded = load(R"(
socket_workers = 1
request_workers = 1
[network]
address = "[::]:3000"
ipv6_only = true
use_tls = true
tls_pkcs12_path = "x"
tls_pkcs12_password = "y"
poll_event_capacity = 4096
poll_timeout_microseconds = 200000
[handlers]
max_requests_per_iter = 10000
channel_recv_timeout_microseconds = 200
[cleaning]
interval = 45
max_connection_age = 77
)");
  EXPECT_FALSE(loaded.config.network.use_ipv4);
  EXPECT_TRUE(loaded.config.network.enable_tls);
  EXPECT_EQ(loaded.config.cleaning.torrent_cleaning_interval, 45u);
  EXPECT_EQ(loaded.config.cleaning.max_connection_idle, 77u);
  EXPECT_EQ(loaded.notes.size(), 12u) << "one for each old key";
}

TEST(HttpOldKeys, AreMentionedOnlyWhenTheyDidSomething) {
  EXPECT_THAT(load("swarm_workers = 1").notes, IsEmpty());
  EXPECT_THAT(load("swarm_workers = 2").notes, ElementsAre(HasSubstr("socket_workers")));
}

}  // namespace
}  // namespace aquatic::server
