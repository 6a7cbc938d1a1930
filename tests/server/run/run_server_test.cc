// SPDX-License-Identifier: Apache-2.0
// The server as a process is tested by tests/integration; here only what it refuses.
#include "server/run/run_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/certificates.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

RunConfig config_on_loopback() {
  RunConfig config;
  config.network.address_ipv4 = "127.0.0.1:0";
  config.network.use_ipv6 = false;
  config.metrics.run_prometheus_endpoint = false;
  return config;
}

TEST(RunServer, ChecksWhatItsSettingsName) {
  const test::Certificates files;
  files.make_self_signed("good");
  RunConfig config = config_on_loopback();
  EXPECT_NO_THROW(check_whole_tracker(config));
  config.network.enable_tls = true;
  config.network.tls_certificate_path = files.path("good.pem");
  config.network.tls_private_key_path = files.path("none.key");
  EXPECT_THAT([&] { check_whole_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("none.key")));
  config.http.enable = false;
  EXPECT_ANY_THROW(check_whole_tracker(config)) << "WebTorrent has it, too";
  config.ws.enable = false;
  EXPECT_NO_THROW(check_whole_tracker(config)) << "nobody needs the key";
  config.access_list.mode = access_list::Mode::allow;
  config.access_list.path = "/nowhere/access-list.txt";
  EXPECT_THAT([&] { check_whole_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere/access-list.txt")));
}

TEST(RunServer, RefusesAnAddressThatIsNotLocal) {
  RunConfig config = config_on_loopback();
  config.network.address_ipv4 = "192.0.2.1:0";  // RFC 5737: nobody has it.
  EXPECT_THAT([&] { run_whole_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("192.0.2.1")));
  config.udp.enable = false;
  EXPECT_THAT([&] { run_whole_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("192.0.2.1")));
}

}  // namespace
}  // namespace aquatic::server
