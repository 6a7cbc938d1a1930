// SPDX-License-Identifier: Apache-2.0
#include "net/stream_table.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/support/socket_pair.h"

namespace aquatic::net {
namespace {

constexpr std::size_t kMany = 200;  // More than one chunk.

TEST(StreamTableTest, FindsOpenStreamsByTheirKeys) {
  StreamTable table;
  std::vector<Stream*> streams;
  std::set<std::uint32_t> slots;
  for (std::size_t i = 0; i < kMany; ++i) {
    streams.push_back(&table.open());
    slots.insert(streams.back()->slot);
  }
  EXPECT_EQ(table.size(), kMany);
  EXPECT_EQ(slots.size(), kMany);
  for (Stream* stream : streams) {
    EXPECT_EQ(table.find(stream->key()), stream);
    EXPECT_EQ(&table.at(stream->slot), stream) << "streams do not move";
  }
  EXPECT_EQ(table.find(0x7fff'ffff), nullptr);
}

TEST(StreamTableTest, AnOldKeyFindsNothing) {
  StreamTable table;
  Stream& first = table.open();
  const StreamKey old_key = first.key();
  const std::uint32_t slot = first.slot;
  first.memo = 7;
  first.is_last = true;
  table.close(first);
  EXPECT_EQ(table.find(old_key), nullptr);
  Stream& second = table.open();
  EXPECT_EQ(second.slot, slot);
  EXPECT_EQ(table.find(old_key), nullptr);
  EXPECT_EQ(table.find(second.key()), &second);
  EXPECT_EQ(second.memo, 0u);
  EXPECT_FALSE(second.is_last);
  EXPECT_EQ(table.size(), 1u);
}

TEST(StreamTableTest, VisitsWhatIsOpen) {
  StreamTable table;
  std::vector<test::TcpPeer> peers;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    auto [fd, peer] = test::make_socket_pair();
    Stream& stream = table.open();
    stream.socket = StreamSocket(std::move(fd));
    stream.memo = i;
    peers.push_back(std::move(peer));
  }
  table.visit([&](Stream& stream) {
    if (stream.memo % 2 == 0) table.close(stream);
  });
  EXPECT_EQ(table.size(), kMany / 2);
  EXPECT_TRUE(peers[0].has_seen_end());
  EXPECT_FALSE(peers[1].has_seen_end());
  std::set<std::uint64_t> left;
  table.visit([&](Stream& stream) { left.insert(stream.memo); });
  EXPECT_EQ(left.size(), kMany / 2);
  EXPECT_TRUE(left.contains(1) && !left.contains(2));
}

}  // namespace
}  // namespace aquatic::net
