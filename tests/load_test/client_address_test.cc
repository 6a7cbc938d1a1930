// SPDX-License-Identifier: Apache-2.0
#include "load_test/client_address.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "load_test/datagram_batch.h"

namespace aquatic::load_test {
namespace {

const Endpoint kLocal = *Endpoint::parse("127.0.0.1:3000");

TEST(ClientAddress, SourcesDifferAndComeAgain) {
  EXPECT_EQ(source_of(0, kLocal, true), IpAddress::parse("127.0.0.1"));
  EXPECT_EQ(source_of(1, kLocal, true), IpAddress::parse("127.0.0.2"));
  EXPECT_EQ(source_of(253, kLocal, true), IpAddress::parse("127.0.0.254"));
  EXPECT_EQ(source_of(254, kLocal, true), IpAddress::parse("127.0.0.1"));
}

TEST(ClientAddress, OnlyTheLoopbackOfIpv4HasMany) {
  EXPECT_EQ(source_of(1, kLocal, false), std::nullopt);
  EXPECT_EQ(source_of(1, *Endpoint::parse("[::1]:3000"), true), std::nullopt);
  EXPECT_EQ(source_of(1, *Endpoint::parse("192.0.2.1:3000"), true), std::nullopt);
}

TEST(ClientAddress, ASocketKnowsItsOwn) {
  const auto socket = open_connected_socket(kLocal, IpAddress::parse("127.0.0.7"), 0);
  EXPECT_EQ(local_endpoint(socket.get()).ip, IpAddress::parse("127.0.0.7"));
  EXPECT_THROW(local_endpoint(-1), std::runtime_error);
}

}  // namespace
}  // namespace aquatic::load_test
