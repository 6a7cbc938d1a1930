// SPDX-License-Identifier: Apache-2.0
// Files of older versions of aquatic_ws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "config/print.h"
#include "server/ws/ws_config.h"

namespace aquatic::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Loaded {
  WsConfig config;
  std::vector<std::string> notes;
};

Loaded load(std::string_view toml) {
  Loaded loaded;
  loaded.notes =
      config::load_toml(toml, "f", config::describe(loaded.config), old_keys(loaded.config));
  return loaded;
}

// Every key with its default, as versions 0.9 and later print them.
TEST(WsOldKeys, LoadAFileOf2026) {
  const Loaded loaded = load(R"(
socket_workers = 1
swarm_workers = 1
log_level = "warn"
[network]
address = "0.0.0.0:3000"
only_ipv6 = false
tcp_backlog = 1024
enable_tls = false
tls_certificate_path = ""
tls_private_key_path = ""
websocket_max_message_size = 65536
websocket_max_frame_size = 16384
websocket_write_buffer_size = 8192
enable_http_health_checks = false
[protocol]
max_scrape_torrents = 255
max_offers = 10
peer_announce_interval = 120
[cleaning]
torrent_cleaning_interval = 30
max_peer_age = 180
max_offer_age = 120
connection_cleaning_interval = 30
max_connection_idle = 180
close_after_tls_update_grace_period = 216000
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
peer_clients = false
peer_id_prefixes = false
)");
  EXPECT_THAT(loaded.notes,
              ElementsAre(HasSubstr("`network.address`"), HasSubstr("`network.only_ipv6`")));
  EXPECT_FALSE(loaded.config.network.use_ipv6) << "the old address was IPv4 only";
  EXPECT_EQ(loaded.config.network.websocket_max_frame_size, 16'384u);
  EXPECT_EQ(loaded.config.limits.max_output_bytes, 65'536u);
}

TEST(WsOldKeys, TranslateWhatHasASuccessor) {
  const Loaded loaded = load(R"(
[network]
websocket_write_buffer_size = 100000
use_tls = true
enable_http_health_checks = true
[cleaning]
interval = 45
)");
  EXPECT_EQ(loaded.config.limits.max_output_bytes, 300'000u);
  EXPECT_TRUE(loaded.config.network.enable_tls);
  EXPECT_EQ(loaded.config.cleaning.torrent_cleaning_interval, 45u);
  EXPECT_EQ(loaded.notes.size(), 4u);
  EXPECT_EQ(load("[network]\nwebsocket_write_buffer_size = 1\n").config.limits.max_output_bytes,
            16'384u);
}

TEST(WsOldKeys, AreMentionedOnlyWhenTheyDidSomething) {
  EXPECT_THAT(load("swarm_workers = 1").notes, IsEmpty());
  EXPECT_THAT(load("swarm_workers = 2").notes, ElementsAre(HasSubstr("socket_workers")));
}

}  // namespace
}  // namespace aquatic::server
