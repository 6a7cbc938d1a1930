// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_connection.h"

#include <gtest/gtest.h>

#include <string_view>

namespace aquatic::load_test {
namespace {

TEST(HttpConnection, RequestsAreAnsweredInTheirOrder) {
  HttpConnection connection(2);
  std::uint64_t pushed = 0;
  std::uint64_t popped = 0;
  for (int round = 0; round < 5; ++round) {
    while (connection.has_room()) connection.push({.due_ns = pushed++});
    EXPECT_EQ(connection.outstanding(), 2u);
    EXPECT_EQ(connection.oldest().due_ns, popped);
    EXPECT_EQ(connection.pop().due_ns, popped++);
  }
}

TEST(HttpConnection, KeepsWhatWasNotRead) {
  HttpConnection connection(1);
  connection.add_input(as_bytes("abc"));
  connection.consume(1);
  connection.keep_input();
  EXPECT_EQ(as_text(connection.input()), "bc");
  connection.add_input(as_bytes("de"));
  EXPECT_EQ(as_text(connection.input()), "bcde");
  connection.consume(3);
  connection.keep_input();
  EXPECT_EQ(as_text(connection.input()), "e");
  connection.consume(1);
  connection.keep_input();
  EXPECT_TRUE(connection.input().empty());
  connection.add_input(as_bytes("fg"));
  EXPECT_EQ(as_text(connection.input()), "fg");
}

TEST(HttpConnection, ClosedItKnowsNothingOfBefore) {
  HttpConnection connection(2);
  connection.push({.due_ns = 1});
  connection.output.append("GET");
  connection.add_input(as_bytes("HTTP"));
  connection.keep_input();
  connection.close();
  EXPECT_EQ(connection.outstanding(), 0u);
  EXPECT_TRUE(connection.output.is_empty());
  EXPECT_TRUE(connection.input().empty());
  connection.add_input(as_bytes("x"));
  EXPECT_EQ(as_text(connection.input()), "x");
}

}  // namespace
}  // namespace aquatic::load_test
