// SPDX-License-Identifier: Apache-2.0
// The server as a process is tested by tests/integration; here only what it refuses.
#include "server/udp/udp_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

UdpConfig config_on_loopback() {
  UdpConfig config;
  config.network.address_ipv4 = "127.0.0.1:0";
  config.network.use_ipv6 = false;
  return config;
}

TEST(UdpServer, ChecksThatTheAccessListCanBeRead) {
  UdpConfig config = config_on_loopback();
  EXPECT_NO_THROW(check_udp_tracker(config));
  config.access_list.mode = access_list::Mode::allow;
  config.access_list.path = "/nowhere/access-list.txt";
  EXPECT_THAT([&] { check_udp_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere/access-list.txt")));
}

TEST(UdpServer, RefusesAnAddressThatIsNotLocal) {
  UdpConfig config = config_on_loopback();
  config.network.address_ipv4 = "192.0.2.1:0";  // RFC 5737: nobody has it.
  EXPECT_THAT([&] { run_udp_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("192.0.2.1")));
}

}  // namespace
}  // namespace aquatic::server
