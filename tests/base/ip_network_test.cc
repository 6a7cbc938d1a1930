// SPDX-License-Identifier: Apache-2.0
#include "base/ip_network.h"

#include <gtest/gtest.h>

namespace aquatic {
namespace {

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

TEST(IpNetwork, ParsesBothFamiliesAndSingleAddresses) {
  EXPECT_EQ(IpNetwork::parse("10.0.0.0/8"), (IpNetwork{ip("10.0.0.0"), 8}));
  EXPECT_EQ(IpNetwork::parse("0.0.0.0/0"), (IpNetwork{ip("0.0.0.0"), 0}));
  EXPECT_EQ(IpNetwork::parse("192.0.2.7"), (IpNetwork{ip("192.0.2.7"), 32}));
  EXPECT_EQ(IpNetwork::parse("2001:db8::/32"), (IpNetwork{ip("2001:db8::"), 32}));
  EXPECT_EQ(IpNetwork::parse("::/0"), (IpNetwork{ip("::"), 0}));
  EXPECT_EQ(IpNetwork::parse("::1"), (IpNetwork{ip("::1"), 128}));
}

TEST(IpNetwork, MappedTextBecomesIpv4) {
  EXPECT_EQ(IpNetwork::parse("::ffff:10.0.0.0/104"), IpNetwork::parse("10.0.0.0/8"));
  EXPECT_EQ(IpNetwork::parse("::ffff:10.0.0.1"), IpNetwork::parse("10.0.0.1/32"));
  EXPECT_EQ(IpNetwork::parse("::ffff:0.0.0.0/95"), std::nullopt);
  EXPECT_EQ(IpNetwork::parse("::ffff:10.0.0.0/8"), std::nullopt);
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const char* text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8",
        "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/8/8", "10.0.0/8", "10/8", "::/129",
        "10.0.0.0/99999999999", "10.0.0.0/0x8", "10.0.0.0/255.0.0.0", "localhost", "[::]/0"}) {
    EXPECT_EQ(IpNetwork::parse(text), std::nullopt) << text;
  }
}

TEST(IpNetwork, RefusesBitsAfterThePrefix) {
  EXPECT_EQ(IpNetwork::parse("10.0.0.1/8"), std::nullopt);
  EXPECT_EQ(IpNetwork::parse("10.128.0.0/8"), std::nullopt);
  EXPECT_EQ(IpNetwork::parse("10.0.0.1/31"), std::nullopt);
  EXPECT_EQ(IpNetwork::parse("0.0.0.1/0"), std::nullopt);
  EXPECT_EQ(IpNetwork::parse("2001:db8::1/127"), std::nullopt);
  EXPECT_TRUE(IpNetwork::parse("10.128.0.0/9"));
  EXPECT_TRUE(IpNetwork::parse("10.0.0.2/31"));
}

struct Containment {
  const char* network;
  const char* first;
  const char* last;
  const char* before;  // Empty where there is none.
  const char* after;
};

TEST(IpNetwork, ContainsItsFirstAndLastAddressAndNotTheirNeighbours) {
  const Containment cases[] = {
      {"10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
      {"172.16.0.0/12", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"},
      {"192.0.2.64/26", "192.0.2.64", "192.0.2.127", "192.0.2.63", "192.0.2.128"},
      {"192.0.2.6/31", "192.0.2.6", "192.0.2.7", "192.0.2.5", "192.0.2.8"},
      {"192.0.2.7/32", "192.0.2.7", "192.0.2.7", "192.0.2.6", "192.0.2.8"},
      {"0.0.0.0/0", "0.0.0.0", "255.255.255.255", "", ""},
      {"0.0.0.0/1", "0.0.0.0", "127.255.255.255", "", "128.0.0.0"},
      {"2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
       "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:8000::"},
      {"::1/128", "::1", "::1", "::", "::2"},
  };
  for (const Containment& c : cases) {
    const IpNetwork network = *IpNetwork::parse(c.network);
    EXPECT_TRUE(network.contains(ip(c.first))) << c.network;
    EXPECT_TRUE(network.contains(ip(c.last))) << c.network;
    for (const char* outside : {c.before, c.after}) {
      const auto address = IpAddress::parse(outside);
      EXPECT_FALSE(address && network.contains(*address)) << c.network;
    }
  }
}

TEST(IpNetwork, FamiliesAreApart) {
  EXPECT_FALSE(IpNetwork::parse("::/0")->contains(ip("10.0.0.1")));
  EXPECT_FALSE(IpNetwork::parse("0.0.0.0/0")->contains(ip("::")));
  // A peer that comes as ::ffff:10.0.0.1 is the peer 10.0.0.1.
  EXPECT_TRUE(IpNetwork::parse("10.0.0.0/8")->contains(ip("::ffff:10.0.0.1")));
}

TEST(IpNetworks, ParsesListsAndPrintsThem) {
  const auto networks = IpNetworks::parse("10.0.0.0/8,2001:db8::/32 , 192.0.2.7,");
  ASSERT_TRUE(networks);
  EXPECT_EQ(networks->networks.size(), 3u);
  EXPECT_EQ(networks->to_string(), "10.0.0.0/8, 2001:db8::/32, 192.0.2.7/32");
  EXPECT_EQ(IpNetworks::parse(networks->to_string()), networks);
}

TEST(IpNetworks, ContainWhatOneOfThemContains) {
  const auto networks = *IpNetworks::parse("10.0.0.0/8 2001:db8::/32");
  EXPECT_TRUE(networks.contain(ip("10.1.2.3")));
  EXPECT_TRUE(networks.contain(ip("2001:db8::7")));
  EXPECT_FALSE(networks.contain(ip("11.1.2.3")));
  EXPECT_FALSE(networks.contain(ip("2001:db9::7")));
}

TEST(IpNetworks, NothingIsNone) {
  for (const char* text : {"", " ", ",", " , ,"}) {
    const auto networks = IpNetworks::parse(text);
    ASSERT_TRUE(networks) << text;
    EXPECT_EQ(*networks, IpNetworks{});
    EXPECT_FALSE(networks->contain(ip("0.0.0.0")));
    EXPECT_EQ(networks->to_string(), "");
  }
}

TEST(IpNetworks, OneMistakeRefusesAll) {
  for (const char* text : {"10.0.0.0/8, nonsense", "10.0.0.1/8", "10.0.0.0/8;11.0.0.0/8", "\t"}) {
    EXPECT_EQ(IpNetworks::parse(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace aquatic
