// SPDX-License-Identifier: Apache-2.0
#include "net/local_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/network_namespace.h"

namespace aquatic::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

const IpAddress kAnyV4 = ip("0.0.0.0");
const IpAddress kAnyV6 = ip("::");
const std::vector<IpAddress> kTwoOfEach = {ip("10.0.0.1"), ip("10.0.0.2"), ip("2001:db8::1"),
                                           ip("2001:db8::2")};
const std::vector<IpAddress> kOneOfEach = {ip("10.0.0.1"), ip("2001:db8::1")};

TEST(PlanGroupsTest, AnAddressIsItself) {
  for (const AddressMode mode :
       {AddressMode::automatic, AddressMode::each, AddressMode::plain, AddressMode::packet_info}) {
    EXPECT_THAT(plan_groups(ip("10.0.0.1"), false, mode, kTwoOfEach),
                ElementsAre(PlannedGroup{ip("10.0.0.1"), false}));
    EXPECT_THAT(plan_groups(ip("2001:db8::1"), true, mode, kTwoOfEach),
                ElementsAre(PlannedGroup{ip("2001:db8::1"), false}));
  }
}

TEST(PlanGroupsTest, OneAddressNeedsNothing) {
  for (const auto& local : {kOneOfEach, std::vector<IpAddress>()}) {
    EXPECT_THAT(plan_groups(kAnyV4, false, AddressMode::automatic, local),
                ElementsAre(PlannedGroup{kAnyV4, false}));
    EXPECT_THAT(plan_groups(kAnyV6, false, AddressMode::automatic, local),
                ElementsAre(PlannedGroup{kAnyV6, false}));
    EXPECT_THAT(plan_groups(kAnyV6, true, AddressMode::automatic, local),
                ElementsAre(PlannedGroup{kAnyV6, false}));
  }
}

TEST(PlanGroupsTest, SeveralAddressesGetAGroupEachAndACatchAll) {
  for (const AddressMode mode : {AddressMode::automatic, AddressMode::each}) {
    EXPECT_THAT(plan_groups(kAnyV4, false, mode, kTwoOfEach),
                ElementsAre(PlannedGroup{ip("10.0.0.1"), false},
                            PlannedGroup{ip("10.0.0.2"), false}, PlannedGroup{kAnyV4, true}));
    EXPECT_THAT(plan_groups(kAnyV6, false, mode, kTwoOfEach),
                ElementsAre(PlannedGroup{ip("2001:db8::1"), false},
                            PlannedGroup{ip("2001:db8::2"), false}, PlannedGroup{kAnyV6, true}));
  }
  EXPECT_THAT(plan_groups(kAnyV4, false, AddressMode::each, kOneOfEach),
              ElementsAre(PlannedGroup{ip("10.0.0.1"), false}, PlannedGroup{kAnyV4, true}));
}

TEST(PlanGroupsTest, OnADualStackSocketIpv4AddressesCountToo) {
  const std::vector<IpAddress> local = {ip("10.0.0.1"), ip("10.0.0.2"), ip("2001:db8::1")};
  EXPECT_THAT(plan_groups(kAnyV6, false, AddressMode::automatic, local),
              ElementsAre(PlannedGroup{kAnyV6, false}));
  EXPECT_THAT(plan_groups(kAnyV6, true, AddressMode::automatic, local),
              ElementsAre(PlannedGroup{ip("2001:db8::1"), false}, PlannedGroup{kAnyV6, true}));
}

TEST(PlanGroupsTest, TheOperatorMayInsist) {
  EXPECT_THAT(plan_groups(kAnyV4, false, AddressMode::plain, kTwoOfEach),
              ElementsAre(PlannedGroup{kAnyV4, false}));
  EXPECT_THAT(plan_groups(kAnyV4, false, AddressMode::packet_info, kOneOfEach),
              ElementsAre(PlannedGroup{kAnyV4, true}));
}

TEST(PlanGroupsTest, TooManyAddressesShareTheCatchAll) {
  std::vector<IpAddress> local;
  for (std::size_t i = 0; i < kMaxAddressGroups; ++i) {
    local.push_back(ip("10.0.0." + std::to_string(i)));
  }
  EXPECT_EQ(plan_groups(kAnyV4, false, AddressMode::automatic, local).size(),
            kMaxAddressGroups + 1);
  local.push_back(ip("10.0.1.0"));
  EXPECT_THAT(plan_groups(kAnyV4, false, AddressMode::automatic, local),
              ElementsAre(PlannedGroup{kAnyV4, true}));
}

TEST(LocalAddressesTest, ListsWhatIsNeitherLoopbackNorLinkLocal) {
  const std::string impossible = test::run_in_network_namespace([] {
    EXPECT_THAT(local_addresses(), IsEmpty());
    for (const char* address : {"2001:db8::2", "2001:db8::1", "fe80::1"}) {
      test::add_loopback_address(ip(address));
    }
    EXPECT_THAT(local_addresses(), ElementsAre(ip("2001:db8::1"), ip("2001:db8::2")));
    test::remove_loopback_address(ip("2001:db8::1"));
    EXPECT_THAT(local_addresses(), ElementsAre(ip("2001:db8::2")));
  });
  if (!impossible.empty()) GTEST_SKIP() << impossible;
}

TEST(LocalAddressesTest, HoldsNoWildcardAndNoLoopback) {
  for (const IpAddress& address : local_addresses()) {
    EXPECT_FALSE(address.is_loopback()) << address.to_string();
    EXPECT_FALSE(address.is_unspecified()) << address.to_string();
  }
}

}  // namespace
}  // namespace aquatic::net
