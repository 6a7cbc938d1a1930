// SPDX-License-Identifier: Apache-2.0
// The server as a process is tested by tests/integration; here only what it refuses.
#include "server/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/certificates.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

HttpConfig config_on_loopback() {
  HttpConfig config;
  config.network.address_ipv4 = "127.0.0.1:0";
  config.network.use_ipv6 = false;
  return config;
}

TEST(HttpServer, ChecksThatTheAccessListCanBeRead) {
  HttpConfig config = config_on_loopback();
  EXPECT_NO_THROW(check_http_tracker(config));
  config.access_list.mode = access_list::Mode::allow;
  config.access_list.path = "/nowhere/access-list.txt";
  EXPECT_THAT([&] { check_http_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere/access-list.txt")));
}

// X50: certificate and key are nobody's business unless TLS is on.
TEST(HttpServer, ChecksThatCertificateAndKeyAreOfUse) {
  const test::Certificates files;
  files.make_self_signed("good");
  files.make_self_signed("other");
  HttpConfig config = config_on_loopback();
  config.network.tls_certificate_path = files.path("good.pem");
  config.network.tls_private_key_path = files.path("none.key");
  EXPECT_NO_THROW(check_http_tracker(config));
  config.network.enable_tls = true;
  EXPECT_THAT([&] { check_http_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("none.key")));
  EXPECT_THAT([&] { run_http_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("none.key")));
  config.network.tls_private_key_path = files.path("other.key");
  EXPECT_THAT([&] { check_http_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("other.key")));
  config.network.tls_private_key_path = files.path("good.key");
  EXPECT_NO_THROW(check_http_tracker(config));
}

TEST(HttpServer, RefusesAnAddressThatIsNotLocal) {
  HttpConfig config = config_on_loopback();
  config.network.address_ipv4 = "192.0.2.1:0";  // RFC 5737: nobody has it.
  EXPECT_THAT([&] { run_http_tracker(config); },
              ThrowsMessage<std::runtime_error>(HasSubstr("192.0.2.1")));
}

}  // namespace
}  // namespace aquatic::server
