// SPDX-License-Identifier: Apache-2.0
// How the files of a tracker load is tested with its keys; here what all share.
#include "server/old_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using config::Keys;
using config::Scalar;
using testing::ElementsAre;
using testing::Pair;

Scalar text(const char* value) { return std::string(value); }

TEST(SplitAddress, OfIpv4LeavesIpv6Out) {
  EXPECT_THAT(split_address({{"network.address", text("10.0.0.1:1")}}),
              ElementsAre(Pair("network.address_ipv4", text("10.0.0.1:1")),
                          Pair("network.use_ipv6", Scalar(false))));
}

TEST(SplitAddress, OfTheWildcardOfIpv6IsBothUnlessToldOtherwise) {
  const Keys both = {{"network.address_ipv4", text("0.0.0.0:1")},
                     {"network.address_ipv6", text("[::]:1")},
                     {"network.use_ipv4", true}};
  const Keys one = {{"network.address_ipv6", text("[::]:1")}, {"network.use_ipv4", false}};
  EXPECT_EQ(split_address({{"network.address", text("[::]:1")}}), both);
  for (const char* key : {"network.only_ipv6", "network.ipv6_only"}) {
    EXPECT_EQ(split_address({{"network.address", text("[::]:1")}, {key, false}}), both);
    EXPECT_EQ(split_address({{"network.address", text("[::]:1")}, {key, true}}), one);
  }
}

TEST(SplitAddress, PassesOnWhatIsNone) {
  EXPECT_THAT(split_address({{"network.address", std::int64_t{5}}}),
              ElementsAre(Pair("network.address_ipv4", Scalar(std::int64_t{5}))));
}

}  // namespace
}  // namespace aquatic::server
