// SPDX-License-Identifier: Apache-2.0
#include "base/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "tests/support/hex.h"

namespace aquatic {
namespace {

using test::hex;
using testing::ElementsAreArray;

IpAddress address_of(const std::vector<std::byte>& bytes) {
  if (bytes.size() == IpAddress::kV4Bytes) {
    return IpAddress::v4(std::span<const std::byte, IpAddress::kV4Bytes>(bytes));
  }
  return IpAddress::v6(std::span<const std::byte, IpAddress::kV6Bytes>(bytes));
}

rc::Gen<IpAddress> any_address() {
  const auto any_bytes = [](std::size_t count) {
    return rc::gen::container<std::vector<std::byte>>(
        count, rc::gen::cast<std::byte>(rc::gen::arbitrary<std::uint8_t>()));
  };
  return rc::gen::map(
      rc::gen::oneOf(any_bytes(IpAddress::kV4Bytes), any_bytes(IpAddress::kV6Bytes)), address_of);
}

TEST(IpAddress, IsUnspecifiedIpv4ByDefault) {
  const IpAddress address;
  EXPECT_TRUE(address.is_v4());
  EXPECT_TRUE(address.is_unspecified());
  EXPECT_EQ(address.to_string(), "0.0.0.0");
}

TEST(IpAddress, KeepsItsBytesInNetworkOrder) {
  EXPECT_THAT(IpAddress::parse("192.0.2.7")->bytes(), ElementsAreArray(hex("c0 00 02 07")));
  EXPECT_THAT(IpAddress::parse("2001:db8::7")->bytes(),
              ElementsAreArray(hex("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07")));
}

TEST(IpAddress, Ipv4MappedBecomesIpv4) {
  const auto mapped = hex("00 00 00 00 00 00 00 00 00 00 ff ff c0 00 02 07");
  EXPECT_EQ(address_of(mapped), IpAddress::parse("192.0.2.7"));
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.7"), IpAddress::parse("192.0.2.7"));
  EXPECT_EQ(IpAddress::parse("::ffff:c000:207")->family(), Family::ipv4);
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.7")->to_string(), "192.0.2.7");
}

TEST(IpAddress, WhatOnlyLooksMappedStaysIpv6) {
  EXPECT_EQ(IpAddress::parse("::192.0.2.7")->family(), Family::ipv6);
  EXPECT_EQ(IpAddress::parse("::fffe:c000:207")->family(), Family::ipv6);
  EXPECT_EQ(IpAddress::parse("1::ffff:c000:207")->family(), Family::ipv6);
  EXPECT_EQ(IpAddress::parse("::ffff:0:c000:207")->family(), Family::ipv6);
}

TEST(IpAddress, SameBytesOfDifferentFamiliesDiffer) {
  EXPECT_NE(IpAddress::parse("0.0.0.0"), IpAddress::parse("::"));
  EXPECT_NE(IpAddress::parse("1.2.3.4"), IpAddress::parse("102:304::"));
}

TEST(IpAddress, KnowsUnspecifiedAndLoopback) {
  EXPECT_TRUE(IpAddress::parse("::")->is_unspecified());
  EXPECT_FALSE(IpAddress::parse("::1")->is_unspecified());
  EXPECT_FALSE(IpAddress::parse("0.0.0.1")->is_unspecified());
  EXPECT_TRUE(IpAddress::parse("127.0.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("127.255.0.9")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::ffff:127.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("7f00:1::")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::")->is_loopback());
}

TEST(IpAddress, RefusesWhatIsNotAnAddress) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, " "sv, "1.2.3"sv, "1.2.3.4.5"sv, "1.2.3.256"sv, "1.2.3.04"sv, "1.2.3.4 "sv,
        "0x7f.0.0.1"sv, "localhost"sv, "[::1]"sv, "fe80::1%lo"sv, ":::"sv, "1:2:3:4:5:6:7"sv,
        "12345::"sv, "1.2.3.4\0"sv, "1.2.3.4\0 and more"sv, "::1\0"sv, "\0"sv}) {
    EXPECT_EQ(IpAddress::parse(text), std::nullopt) << text;
  }
}

// What does not fit into the longest text of an address is none, however it begins.
TEST(IpAddress, ParsesTheLongestTextAndRefusesLongerOnes) {
  const std::string longest = "0000:0000:0000:0000:0000:0000:255.255.255.255";
  EXPECT_EQ(IpAddress::parse(longest)->to_string(), "::255.255.255.255");
  EXPECT_EQ(IpAddress::parse("0" + longest), std::nullopt);
  EXPECT_EQ(IpAddress::parse("1.2.3.4" + std::string(100'000, ' ')), std::nullopt);
}

RC_GTEST_PROP(IpAddress, ParsesWhatItPrints, ()) {
  const IpAddress address = *any_address();
  RC_ASSERT(IpAddress::parse(address.to_string()) == address);
}

RC_GTEST_PROP(IpAddress, MappedFormIsTheSameAddress, ()) {
  const IpAddress address = *any_address();
  if (!address.is_v4()) return;
  RC_ASSERT(IpAddress::parse("::ffff:" + address.to_string()) == address);
}

RC_GTEST_PROP(IpAddress, OrderAndEqualityAreThoseOfFamilyAndBytes, ()) {
  const IpAddress a = *any_address();
  const IpAddress b = *any_address();
  const bool same_bytes = std::ranges::equal(a.bytes(), b.bytes());
  RC_ASSERT((a == b) == (a.family() == b.family() && same_bytes));
  if (a.family() == b.family()) {
    RC_ASSERT((a < b) == std::ranges::lexicographical_compare(a.bytes(), b.bytes()));
  }
}

RC_GTEST_PROP(IpAddress, AnyTextIsParsedOrRefused, (const std::string& text)) {
  const auto address = IpAddress::parse(text);
  if (address) RC_ASSERT(IpAddress::parse(address->to_string()) == address);
}

TEST(Endpoint, ParsesBothFamilies) {
  EXPECT_EQ(Endpoint::parse("192.0.2.7:6881"), (Endpoint{*IpAddress::parse("192.0.2.7"), 6881}));
  EXPECT_EQ(Endpoint::parse("[2001:db8::1]:0"), (Endpoint{*IpAddress::parse("2001:db8::1"), 0}));
  EXPECT_EQ(Endpoint::parse("[::]:65535"), (Endpoint{*IpAddress::parse("::"), 65535}));
}

TEST(Endpoint, MappedTextBecomesIpv4) {
  EXPECT_EQ(Endpoint::parse("[::ffff:192.0.2.7]:80")->to_string(), "192.0.2.7:80");
}

TEST(Endpoint, RefusesWhatIsNotAnEndpoint) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv,
                                      ":"sv,
                                      ":80"sv,
                                      "1.2.3.4"sv,
                                      "1.2.3.4:"sv,
                                      "1.2.3.4:65536"sv,
                                      "1.2.3.4:-1"sv,
                                      "1.2.3.4:+1"sv,
                                      "1.2.3.4: 80"sv,
                                      "1.2.3.4:80 "sv,
                                      "1.2.3.4:8o"sv,
                                      "[1.2.3.4]:80"sv,
                                      "::1:80"sv,
                                      "[::1]"sv,
                                      "[::1]80"sv,
                                      "[::1:80"sv,
                                      "::1]:80"sv,
                                      "[]:80"sv,
                                      "[:80"sv,
                                      "[[::1]]:80"sv,
                                      "localhost:80"sv,
                                      "1.2.3.4\0:80"sv}) {
    EXPECT_EQ(Endpoint::parse(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Endpoint, ParsesWhatItPrints, (std::uint16_t port)) {
  const Endpoint endpoint{*any_address(), port};
  RC_ASSERT(Endpoint::parse(endpoint.to_string()) == endpoint);
}

RC_GTEST_PROP(Endpoint, AnyTextIsParsedOrRefused, (const std::string& text)) {
  const auto endpoint = Endpoint::parse(text);
  if (endpoint) RC_ASSERT(Endpoint::parse(endpoint->to_string()) == endpoint);
}

}  // namespace
}  // namespace aquatic
