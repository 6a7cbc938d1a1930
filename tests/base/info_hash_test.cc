// SPDX-License-Identifier: Apache-2.0
#include "base/info_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cctype>

#include "tests/support/hex.h"

namespace aquatic {
namespace {

constexpr std::string_view kText = "0123456789abcdef0123456789abcdefdeadbeef";

TEST(InfoHash, IsZeroByDefault) { EXPECT_EQ(InfoHash().to_hex(), std::string(40, '0')); }

TEST(InfoHash, ParsesTheHighDigitFirst) {
  EXPECT_THAT(InfoHash::parse_hex(kText)->bytes, testing::ElementsAreArray(test::hex(kText)));
}

TEST(InfoHash, ParsesEitherCase) {
  std::string upper(kText);
  std::ranges::transform(upper, upper.begin(), [](char c) { return std::toupper(c); });
  EXPECT_EQ(InfoHash::parse_hex(upper), InfoHash::parse_hex(kText));
  EXPECT_EQ(InfoHash::parse_hex(upper)->to_hex(), kText);
}

TEST(InfoHash, RefusesOtherLengths) {
  EXPECT_EQ(InfoHash::parse_hex(""), std::nullopt);
  EXPECT_EQ(InfoHash::parse_hex(kText.substr(1)), std::nullopt);
  EXPECT_EQ(InfoHash::parse_hex(std::string(kText) + "0"), std::nullopt);
}

TEST(InfoHash, RefusesEveryOtherCharacterAtEveryPlace) {
  const auto is_digit = [](int c) { return std::isxdigit(c) != 0; };
  for (std::size_t place = 0; place < kText.size(); ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text(kText);
      text[place] = static_cast<char>(c);
      ASSERT_EQ(InfoHash::parse_hex(text).has_value(), is_digit(c)) << place << " " << c;
    }
  }
}

RC_GTEST_PROP(InfoHash, ParsesWhatItPrints, ()) {
  InfoHash info_hash;
  for (std::byte& b : info_hash.bytes) b = static_cast<std::byte>(*rc::gen::arbitrary<uint8_t>());
  RC_ASSERT(InfoHash::parse_hex(info_hash.to_hex()) == info_hash);
  RC_ASSERT(InfoHash::copy_from(info_hash.bytes.data()) == info_hash);
}

}  // namespace
}  // namespace aquatic
