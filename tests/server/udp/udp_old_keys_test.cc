// SPDX-License-Identifier: Apache-2.0
// Files of older versions of aquatic_udp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "config/print.h"
#include "server/udp/udp_config.h"

namespace aquatic::server {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Loaded {
  UdpConfig config;
  std::vector<std::string> notes;
};

Loaded load(std::string_view toml) {
  Loaded loaded;
  loaded.notes =
      config::load_toml(toml, "f", config::describe(loaded.config), old_keys(loaded.config));
  return loaded;
}

// Every key with its default, as the versions of 2024 on print them; those of features that are
// compiled in on request are included.
constexpr std::string_view kFileOf2026 = R"(
socket_workers = 1
log_level = "error"

[network]
use_ipv4 = true
use_ipv6 = true
address_ipv4 = "0.0.0.0:3000"
address_ipv6 = "[::]:3000"
socket_recv_buffer_size = 8000000
poll_timeout_ms = 50
resend_buffer_max_len = 0
set_only_ipv6 = true
use_io_uring = true
ring_size = 128
set_reuseport_lb = true

[protocol]
max_scrape_torrents = 70
max_response_peers = 30
peer_announce_interval = 900

[statistics]
interval = 5
torrent_peer_histograms = false
peer_clients = false
print_to_stdout = false
write_html_to_file = false
html_file_path = "tmp/statistics.html"
run_prometheus_endpoint = false
prometheus_endpoint_address = "0.0.0.0:9000"
prometheus_peer_id_prefixes = false

[cleaning]
torrent_cleaning_interval = 120
max_connection_age = 120
max_peer_age = 1200

[privileges]
drop_privileges = false
chroot_path = "."
group = "nogroup"
user = "nobody"

[access_list]
mode = "off"
path = "./access-list.txt"

[scrape_exports]
enable_scrape_exports = false
frequency = 10
path = "./udp-scrape-export.txt"
)";

TEST(OldKeys, LoadAFileOf2026) {
  const Loaded loaded = load(kFileOf2026);
  EXPECT_THAT(loaded.notes, ElementsAre(HasSubstr("`network.use_io_uring`")));
  UdpConfig expected;
  expected.socket_workers = 1;
  expected.log_level = log::Level::error;
  expected.protocol.max_scrape_torrents = 70;
  EXPECT_EQ(to_toml(loaded.config, config::Comments::without),
            to_toml(expected, config::Comments::without));
}

TEST(OldKeys, LoadAFileOf2024) {
  const Loaded loaded = load(R"(
socket_workers = 2
log_level = "error"
[network]
address = "0.0.0.0:6969"
only_ipv6 = false
socket_recv_buffer_size = 8000000
poll_timeout_ms = 50
resend_buffer_max_len = 0
use_io_uring = false
ring_size = 128
[protocol]
max_scrape_torrents = 70
max_response_peers = 30
peer_announce_interval = 900
[cleaning]
torrent_cleaning_interval = 120
max_connection_age = 120
max_peer_age = 1200
[cpu_pinning]
active = false
direction = "ascending"
hyperthread = "system"
core_offset = 0
)");
  EXPECT_EQ(loaded.config.network.address_ipv4.port, 6969);
  EXPECT_TRUE(loaded.config.network.use_ipv4);
  EXPECT_FALSE(loaded.config.network.use_ipv6) << "the old address was IPv4 only";
  EXPECT_EQ(loaded.config.network.io_backend, IoBackend::mmsg);
  EXPECT_THAT(loaded.notes,
              Contains(AllOf(HasSubstr("`network.address`"), HasSubstr("network.address_ipv4"))));
}

TEST(OldKeys, LoadAFileOf2023) {
  const Loaded loaded = load(R"(
socket_workers = 1
swarm_workers = 1
request_workers = 1
worker_channel_size = 0
request_channel_recv_timeout_ms = 100
[network]
address = "[::]:3000"
only_ipv6 = false
socket_recv_buffer_size = 524288
poll_event_capacity = 4096
ring_entries = 1024
[statistics]
extended = true
[cleaning]
pending_scrape_cleaning_interval = 600
max_pending_scrape_age = 60
[socket]
anything = 1
)");
  EXPECT_EQ(loaded.notes.size(), 12u) << "one for each old key";
  EXPECT_EQ(loaded.config.network.ring_size, 1024);
  EXPECT_TRUE(loaded.config.statistics.torrent_peer_histograms);
}

TEST(OldKeys, SplitTheAddressAsItWorked) {
  const auto network = [](std::string_view keys) {
    return load("[network]\n" + std::string(keys)).config.network;
  };
  const auto both = network("address = \"[::]:1\"");
  EXPECT_TRUE(both.use_ipv4 && both.use_ipv6) << "the wildcard served both families";
  EXPECT_EQ(both.address_ipv4.to_string(), "0.0.0.0:1");
  EXPECT_EQ(both.address_ipv6.to_string(), "[::]:1");
  const auto only_ipv6 = network("address = \"[::]:1\"\nonly_ipv6 = true");
  EXPECT_TRUE(!only_ipv6.use_ipv4 && only_ipv6.use_ipv6);
  const auto one = network("address = \"[::1]:1\"");
  EXPECT_TRUE(!one.use_ipv4 && one.use_ipv6);
  EXPECT_EQ(one.address_ipv6.to_string(), "[::1]:1");
  const auto harmless = network("address = \"10.0.0.1:1\"\nonly_ipv6 = true");
  EXPECT_TRUE(harmless.use_ipv4 && !harmless.use_ipv6) << "only_ipv6 meant nothing to IPv4";
}

TEST(OldKeys, AreReportedWhenTheyMakeNoSense) {
  for (const char* line : {"address = \"nowhere\"", "address = 5", "use_io_uring = 5"}) {
    EXPECT_THROW(load("[network]\n" + std::string(line)), config::LoadError) << line;
  }
}

TEST(OldKeys, AreMentionedOnlyWhenTheyDidSomething) {
  EXPECT_THAT(load("[network]\npoll_timeout_ms = 50").notes, IsEmpty());
  EXPECT_THAT(load("[network]\npoll_timeout_ms = 51").notes, ElementsAre(HasSubstr("no effect")));
}

}  // namespace
}  // namespace aquatic::server
