// SPDX-License-Identifier: Apache-2.0
#include "config/types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::config {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(EndpointOf, TakesOnlyItsFamily) {
  EXPECT_TRUE(Ipv4Endpoint::parse("10.0.0.1:80"));
  EXPECT_FALSE(Ipv4Endpoint::parse("[::1]:80"));
  EXPECT_TRUE(Ipv6Endpoint::parse("[::1]:80"));
  EXPECT_FALSE(Ipv6Endpoint::parse("10.0.0.1:80"));
  EXPECT_FALSE(Ipv6Endpoint::parse("[::ffff:10.0.0.1]:80")) << "that is an IPv4 address";
  EXPECT_TRUE(AnyEndpoint::parse("10.0.0.1:80"));
  EXPECT_TRUE(AnyEndpoint::parse("[::1]:80"));
  EXPECT_FALSE(AnyEndpoint::parse("localhost:80"));
}

TEST(EndpointOf, IsAnEndpoint) {
  const Ipv4Endpoint address = "10.0.0.1:80";
  EXPECT_EQ(address.port, 80);
  EXPECT_EQ(address.to_string(), "10.0.0.1:80");
  EXPECT_EQ(static_cast<const Endpoint&>(address), Endpoint::parse("10.0.0.1:80"));
}

TEST(EndpointOf, TakesNoBadDefault) { EXPECT_DEATH(Ipv4Endpoint("[::1]:80"), "CHECK failed"); }

TEST(Networks, AreAListOfNetworks) {
  const auto networks = Networks::parse("10.0.0.0/8, ::1");
  ASSERT_TRUE(networks);
  EXPECT_EQ(networks->networks.size(), 2u);
  EXPECT_TRUE(networks->contain(*IpAddress::parse("10.9.8.7")));
  EXPECT_TRUE(networks->contain(*IpAddress::parse("::1")));
  EXPECT_FALSE(networks->contain(*IpAddress::parse("11.0.0.0")));
  const auto again = Networks::parse(networks->to_string());
  ASSERT_TRUE(again) << networks->to_string();
  EXPECT_EQ(*again, *networks);
}

TEST(Networks, MayBeNone) {
  const auto networks = Networks::parse("");
  ASSERT_TRUE(networks);
  EXPECT_TRUE(networks->networks.empty());
  EXPECT_EQ(networks->to_string(), "");
}

TEST(Networks, RefuseWhatIsNone) {
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.1/8", "localhost", "10.0.0.0/8; ::1"}) {
    EXPECT_FALSE(Networks::parse(wrong)) << wrong;
  }
  EXPECT_DEATH(Networks("10.0.0.0/33"), "CHECK failed");
}

TEST(Texts, AreSeparatedByCommas) {
  EXPECT_THAT(Texts::parse("a, b\t,c").value().items, testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(Texts::parse("one with a blank").value().items,
              testing::ElementsAre("one with a blank"));
  EXPECT_THAT(Texts::parse(" ,, ,").value().items, testing::IsEmpty());
  EXPECT_THAT(Texts::parse("").value().items, testing::IsEmpty());
  EXPECT_EQ(Texts(" a ,b,").to_string(), "a, b");
}

TEST(Secret, ReadsHexadecimalDigitsOfEitherCase) {
  const auto secret = Secret::parse("00fF" + std::string(58, '0') + "7e");
  ASSERT_TRUE(secret && secret->bytes);
  EXPECT_EQ(secret->bytes->at(0), std::byte{0});
  EXPECT_EQ(secret->bytes->at(1), std::byte{0xff});
  EXPECT_EQ(secret->bytes->at(31), std::byte{0x7e});
}

TEST(Secret, MayBeNone) {
  const auto secret = Secret::parse("");
  ASSERT_TRUE(secret);
  EXPECT_FALSE(secret->bytes);
  EXPECT_EQ(secret->to_string(), "");
}

TEST(Secret, RefusesWhatIsNotSixtyFourDigits) {
  EXPECT_FALSE(Secret::parse(std::string(63, 'a')));
  EXPECT_FALSE(Secret::parse(std::string(65, 'a')));
  for (const char* wrong : {"g0", "0g", "-1", "+1", " 1", "0x"}) {
    EXPECT_FALSE(Secret::parse(std::string(62, 'a') + wrong)) << wrong;
  }
}

TEST(Secret, IsNeverPrinted) {
  EXPECT_THAT(Secret::parse(std::string(64, 'a'))->to_string(), Not(HasSubstr("aa")));
}

}  // namespace
}  // namespace aquatic::config
