// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>

namespace aquatic::config {
namespace {

TEST(EditDistance, CountsSlips) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("address", "adress"), 1u);
  EXPECT_EQ(edit_distance("address", "addresss"), 1u);
  EXPECT_EQ(edit_distance("address", "addrass"), 1u);
  EXPECT_EQ(edit_distance("address", "addrses"), 1u) << "neighbours swapped are one slip";
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

RC_GTEST_PROP(EditDistance, IsSymmetricAndZeroForEquals, (std::string a, std::string b)) {
  RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
  RC_ASSERT((edit_distance(a, b) == 0) == (a == b));
  RC_ASSERT(edit_distance(a, b) <= std::max(a.size(), b.size()));
}

TEST(Suggest, FindsTheNearest) {
  constexpr std::array<std::string_view, 3> kNames = {"use_ipv4", "address_ipv4", "address_ipv6"};
  EXPECT_EQ(suggest("adress_ipv4", kNames), "address_ipv4");
  EXPECT_EQ(suggest("address_ipv6", kNames), "address_ipv6");
  EXPECT_EQ(suggest("use_ip4", kNames), "use_ipv4");
}

TEST(Suggest, DoesNotGuessWildly) {
  constexpr std::array<std::string_view, 3> kNames = {"path", "mode", ""};
  EXPECT_EQ(suggest("colour", kNames), "");
  EXPECT_EQ(suggest("x", kNames), "");
  EXPECT_EQ(suggest("xy", kNames), "");
  EXPECT_EQ(suggest(std::string(1'000'000, 'x'), kNames), "");
}

}  // namespace
}  // namespace aquatic::config
