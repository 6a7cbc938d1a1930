// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/udp/request.h"
#include "tests/support/udp_client.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;

UdpConfig config_on_loopback() {
  UdpConfig config;
  config.socket_workers = 1;
  config.network.address_ipv4 = "127.0.0.1:0";
  config.network.use_ipv6 = false;
  config.network.socket_recv_buffer_size = 0;
  return config;
}

TEST(UdpService, ServesAndCounts) {
  Tracker tracker{TrackerOptions{}};
  StatusBoard status({.address = Endpoint()}, tracker);
  net::InheritedSockets sockets;
  UdpService service(config_on_loopback(), {tracker, status, sockets});
  ASSERT_EQ(service.addresses().size(), 1u);
  EXPECT_EQ(service.urls(), "udp://" + service.addresses()[0].to_string() + "/announce\n");
  process::Workers threads;
  service.start(threads);
  test::UdpClient client(service.addresses()[0]);
  std::array<std::byte, udp::kConnectRequestBytes> datagram;
  udp::encode(udp::ConnectRequest{5}, datagram);
  client.send(datagram);
  ASSERT_TRUE(client.receive().has_value());
  threads.stop();

  Figures figures;
  service.collect(figures);
  ASSERT_EQ(figures.traffic.size(), 1u) << "there is no IPv6";
  EXPECT_EQ(at(figures.traffic[0].requests, Action::any), 1u);
  EXPECT_EQ(at(figures.traffic[0].responses, Action::connect), 1u);
  ASSERT_EQ(figures.latencies.size(), 1u);
  EXPECT_EQ(figures.latencies[0].action, Action::connect);
  EXPECT_EQ(figures.latencies[0].latency.total(), 1u);
  EXPECT_THAT(service.report(std::chrono::steady_clock::now()), HasSubstr("UDP IPv4\n"));
}

TEST(UdpService, RefusesAnAddressThatIsNotLocal) {
  Tracker tracker{TrackerOptions{}};
  StatusBoard status({.address = Endpoint()}, tracker);
  net::InheritedSockets sockets;
  UdpConfig config = config_on_loopback();
  config.network.address_ipv4 = "192.0.2.1:0";  // RFC 5737: nobody has it.
  EXPECT_THROW(UdpService(config, {tracker, status, sockets}), std::runtime_error);
}

}  // namespace
}  // namespace aquatic::server
