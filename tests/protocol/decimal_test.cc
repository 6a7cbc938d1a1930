// SPDX-License-Identifier: Apache-2.0
#include "protocol/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace aquatic {
namespace {

TEST(Decimal, ParsesNumbersThatFit) {
  EXPECT_EQ(parse_decimal<std::uint16_t>("0"), 0u);
  EXPECT_EQ(parse_decimal<std::uint16_t>("007"), 7u);
  EXPECT_EQ(parse_decimal<std::uint16_t>("65535"), 65535u);
  EXPECT_EQ(parse_decimal<std::uint16_t>("65536"), std::nullopt);
  EXPECT_EQ(parse_decimal<std::uint64_t>("18446744073709551615"),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_decimal<std::uint64_t>("18446744073709551616"), std::nullopt);
}

TEST(Decimal, RefusesEverythingElse) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "-"sv, "-1"sv, "+1"sv, " 1"sv, "1 "sv, "1,2"sv, "0x1"sv, "1e3"sv, "1\0"sv, "½"sv}) {
    EXPECT_EQ(parse_decimal<std::uint32_t>(text), std::nullopt) << text;
  }
}

TEST(Decimal, AppendsTheWidestNumbers) {
  ByteBuffer out;
  append_decimal(std::numeric_limits<std::uint64_t>::max(), out);
  out.append(" ");
  append_decimal(std::numeric_limits<std::int64_t>::min(), out);
  out.append(" ");
  append_decimal(std::uint16_t{0}, out);
  EXPECT_EQ(out.text(), "18446744073709551615 -9223372036854775808 0");
}

}  // namespace
}  // namespace aquatic
