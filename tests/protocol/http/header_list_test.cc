// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/header_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace aquatic::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string_view> items_of(std::string_view list) {
  std::vector<std::string_view> found;
  ListItems items(list);
  while (const auto item = items.next()) found.push_back(*item);
  return found;
}

TEST(HeaderList, TrimsSpacesAndTabsOnly) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\na\r"), "\na\r");
}

TEST(HeaderList, ComparesWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("X-Forwarded-For", "x-forwarded-fOR"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("close", "closed"));
  EXPECT_FALSE(equals_ignoring_case("close", "clos"));
  // ASCII only: [ and {, @ and `, are the same but for the bit that makes letters small.
  EXPECT_FALSE(equals_ignoring_case("[@", "{`"));
  EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
}

TEST(HeaderList, ItemsAreTrimmedAndEmptyOnesPassedOver) {
  EXPECT_THAT(items_of("a"), ElementsAre("a"));
  EXPECT_THAT(items_of("a,b"), ElementsAre("a", "b"));
  EXPECT_THAT(items_of(" ,, a b\t, ,c ,"), ElementsAre("a b", "c"));
  EXPECT_THAT(items_of(""), IsEmpty());
  EXPECT_THAT(items_of(" , ,\t"), IsEmpty());
}

bool keeps_alive(std::vector<std::string_view> headers, unsigned minor_version) {
  ConnectionOptions options;
  for (const std::string_view value : headers) options.add(value);
  return options.keeps_alive(minor_version);
}

// RFC 9112 §9.3.
TEST(ConnectionOptions, Http11StaysUnlessClosedHttp10ClosesUnlessKept) {
  EXPECT_TRUE(keeps_alive({}, 1));
  EXPECT_FALSE(keeps_alive({}, 0));
  EXPECT_FALSE(keeps_alive({"close"}, 1));
  EXPECT_FALSE(keeps_alive({"Close"}, 1));
  EXPECT_TRUE(keeps_alive({"Keep-Alive"}, 0));
  EXPECT_TRUE(keeps_alive({"Upgrade, keep-alive"}, 0));
  EXPECT_TRUE(keeps_alive({"closed"}, 1));
  EXPECT_FALSE(keeps_alive({"TE", "foo, close"}, 1));
  // Both: closing is always allowed.
  EXPECT_FALSE(keeps_alive({"close, keep-alive"}, 1));
  EXPECT_FALSE(keeps_alive({"keep-alive", "close"}, 0));
}

}  // namespace
}  // namespace aquatic::http
