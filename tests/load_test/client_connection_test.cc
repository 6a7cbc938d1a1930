// SPDX-License-Identifier: Apache-2.0
#include "load_test/client_connection.h"

#include <gtest/gtest.h>

namespace aquatic::load_test {
namespace {

TEST(ClientConnection, KeepsWhatWasNotRead) {
  ClientConnection connection;
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

TEST(ClientConnection, ClosedItKnowsNothingOfBefore) {
  ClientConnection connection;
  connection.output.append("GET");
  connection.add_input(as_bytes("HTTP"));
  connection.keep_input();
  connection.close();
  EXPECT_TRUE(connection.output.is_empty());
  EXPECT_TRUE(connection.input().empty());
  connection.add_input(as_bytes("x"));
  EXPECT_EQ(as_text(connection.input()), "x");
}

}  // namespace
}  // namespace aquatic::load_test
