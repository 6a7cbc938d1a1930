// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_connection.h"

#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

offers::Torrent torrent(unsigned char number) {
  offers::Torrent torrent;
  torrent.info_hash.bytes[0] = std::byte{number};
  return torrent;
}

TEST(WsConnectionTable, UsesPlacesAgain) {
  WsConnectionTable table;
  const auto first = table.open();
  const auto second = table.open();
  EXPECT_NE(first, 0u);
  EXPECT_NE(first, second);
  WsConnection& kept = table.at(second);
  table.at(first).bad_message_count = 7;
  table.close(first);
  EXPECT_EQ(table.size(), 1u);
  const auto third = table.open();
  EXPECT_EQ(third, first);
  EXPECT_EQ(table.at(third).bad_message_count, 0u);
  for (int i = 0; i < 1000; ++i) table.open();
  EXPECT_EQ(&table.at(second), &kept) << "open connections do not move";
}

TEST(WsConnection, FindsItsTorrents) {
  WsConnection connection;
  EXPECT_EQ(connection.find(torrent(1)), nullptr);
  for (unsigned char i = 0; i < 10; ++i) connection.memberships.push_back({torrent(i), {}});
  EXPECT_EQ(connection.find(torrent(3)), &connection.memberships[3]);
  EXPECT_EQ(connection.find(torrent(10)), nullptr);
}

}  // namespace
}  // namespace aquatic::server
