// SPDX-License-Identifier: Apache-2.0
#include "net/socket_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace aquatic::net {
namespace {

TEST(SocketAddressTest, ConvertsBothFamiliesThereAndBack) {
  for (const char* text : {"127.0.0.1:3000", "255.1.2.3:65535", "0.0.0.0:0", "[::1]:3000",
                           "[2001:db8::1:2]:1", "[::]:0"}) {
    const Endpoint endpoint = *Endpoint::parse(text);
    EXPECT_EQ(to_endpoint(to_socket_address(endpoint)), endpoint) << text;
  }
}

TEST(SocketAddressTest, IsWhatTheKernelExpects) {
  const SocketAddress v4 = to_socket_address(*Endpoint::parse("1.2.3.4:258"));
  EXPECT_EQ(v4.any.sa_family, AF_INET);
  EXPECT_EQ(v4.v4.sin_addr.s_addr, htonl(0x01020304));
  EXPECT_EQ(v4.v4.sin_port, htons(258));
  EXPECT_EQ(length_of(v4), sizeof(sockaddr_in));

  const SocketAddress v6 = to_socket_address(*Endpoint::parse("[::1]:258"));
  EXPECT_EQ(v6.any.sa_family, AF_INET6);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&v6.v6.sin6_addr));
  EXPECT_EQ(v6.v6.sin6_port, htons(258));
  EXPECT_EQ(length_of(v6), sizeof(sockaddr_in6));
}

TEST(SocketAddressTest, MappedSourcesAreIpv4) {
  SocketAddress address{.v6 = {}};
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(99);
  ASSERT_EQ(inet_pton(AF_INET6, "::ffff:10.1.2.3", &address.v6.sin6_addr), 1);
  EXPECT_EQ(to_endpoint(address), *Endpoint::parse("10.1.2.3:99"));
  EXPECT_EQ(length_of(address), sizeof(sockaddr_in6));
}

}  // namespace
}  // namespace aquatic::net
