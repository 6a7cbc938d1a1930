// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "tests/support/hex.h"

namespace aquatic {
namespace {

using test::hex;

TEST(Bytes, LoadsTheMostSignificantByteFirst) {
  const auto bytes = hex("01 23 45 67 89 ab cd ef");
  EXPECT_EQ(load_big_endian<std::uint8_t>(bytes.data()), 0x01);
  EXPECT_EQ(load_big_endian<std::uint16_t>(bytes.data()), 0x0123);
  EXPECT_EQ(load_big_endian<std::uint32_t>(bytes.data()), 0x01234567u);
  EXPECT_EQ(load_big_endian<std::uint64_t>(bytes.data()), 0x0123456789abcdefu);
}

TEST(Bytes, LoadsFromAnyAlignment) {
  const auto bytes = hex("00 ff fe fd fc");
  EXPECT_EQ(load_big_endian<std::uint32_t>(bytes.data() + 1), 0xfffefdfcu);
}

TEST(Bytes, StoresTheMostSignificantByteFirst) {
  std::array<std::byte, 8> bytes;
  store_big_endian<std::uint64_t>(bytes.data(), 0x0123456789abcdef);
  EXPECT_THAT(bytes, testing::ElementsAreArray(hex("01 23 45 67 89 ab cd ef")));
}

TEST(Bytes, StoresNoMoreThanTheInteger) {
  std::array<std::byte, 4> bytes{};
  store_big_endian<std::uint16_t>(bytes.data() + 1, 0xbeef);
  EXPECT_THAT(bytes, testing::ElementsAreArray(hex("00 be ef 00")));
}

template <class T>
void expect_round_trip(T value) {
  std::array<std::byte, sizeof(T)> bytes;
  store_big_endian<T>(bytes.data(), value);
  RC_ASSERT(load_big_endian<T>(bytes.data()) == value);
}

RC_GTEST_PROP(Bytes, LoadsWhatItStored, (std::uint64_t value)) {
  expect_round_trip(static_cast<std::uint8_t>(value));
  expect_round_trip(static_cast<std::uint16_t>(value));
  expect_round_trip(static_cast<std::uint32_t>(value));
  expect_round_trip(value);
}

TEST(Bytes, LoadsNativeIntegersAsTheyLie) {
  const std::uint32_t value = 0x01020304;
  EXPECT_EQ(load_native<std::uint32_t>(&value), value);
}

RC_GTEST_PROP(Bytes, TextSurvivesTheWayThroughBytes, (const std::string& text)) {
  RC_ASSERT(as_text(as_bytes(text)) == text);
}

TEST(Bytes, EmptyTextIsNoBytes) {
  EXPECT_TRUE(as_bytes(std::string_view()).empty());
  EXPECT_EQ(as_text({}), "");
}

}  // namespace
}  // namespace aquatic
