// SPDX-License-Identifier: Apache-2.0
#include "base/byte_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace aquatic {
namespace {

TEST(ByteBuffer, BeginsEmptyAndWithoutMemory) {
  const ByteBuffer buffer;
  EXPECT_TRUE(buffer.is_empty());
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(buffer.text(), "");
}

TEST(ByteBuffer, AppendsAtTheEnd) {
  ByteBuffer buffer;
  buffer.append("one");
  buffer.append("");
  buffer.append(as_bytes(" two"));
  EXPECT_EQ(buffer.text(), "one two");
  EXPECT_FALSE(buffer.is_empty());
}

TEST(ByteBuffer, GrowingKeepsTheBytes) {
  ByteBuffer buffer;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string piece = std::to_string(i);
    buffer.append(piece);
    expected += piece;
  }
  EXPECT_EQ(buffer.text(), expected);
  EXPECT_GE(buffer.capacity(), buffer.size());
  EXPECT_LE(buffer.capacity(), 4 * buffer.size());  // Doubling, not more.
}

TEST(ByteBuffer, RoomIsAsLargeAsWantedAndCountsOnceCommitted) {
  ByteBuffer buffer;
  buffer.append("ab");
  const MutableBytes room = buffer.room(1000);
  ASSERT_GE(room.size(), 1000u);
  EXPECT_EQ(buffer.text(), "ab");
  room[0] = std::byte{'c'};
  buffer.commit(1);
  EXPECT_EQ(buffer.text(), "abc");
}

TEST(ByteBuffer, RoomThatIsThereIsNotMadeAgain) {
  ByteBuffer buffer;
  const std::size_t room = buffer.room(1).size();
  const std::size_t capacity = buffer.capacity();
  EXPECT_EQ(buffer.room(room).size(), room);
  EXPECT_EQ(buffer.capacity(), capacity);
  EXPECT_EQ(buffer.room(0).size(), room);
}

TEST(ByteBuffer, ConsumesFromTheFrontAndTruncatesAtTheEnd) {
  ByteBuffer buffer;
  buffer.append("0123456789");
  buffer.consume(3);
  EXPECT_EQ(buffer.text(), "3456789");
  buffer.consume(0);
  EXPECT_EQ(buffer.text(), "3456789");
  buffer.truncate(2);
  EXPECT_EQ(buffer.text(), "34");
  buffer.consume(2);
  EXPECT_TRUE(buffer.is_empty());
  buffer.append("again");
  EXPECT_EQ(buffer.text(), "again");
}

TEST(ByteBuffer, ClearingKeepsTheMemoryReleasingGivesItBack) {
  ByteBuffer buffer;
  buffer.append("something");
  const std::size_t capacity = buffer.capacity();
  buffer.clear();
  EXPECT_TRUE(buffer.is_empty());
  EXPECT_EQ(buffer.capacity(), capacity);
  buffer.release();
  EXPECT_EQ(buffer.capacity(), 0u);
  buffer.append("usable");
  EXPECT_EQ(buffer.text(), "usable");
}

TEST(ByteBuffer, MovingLeavesAnEmptyOne) {
  ByteBuffer from;
  from.append("moved");
  ByteBuffer to(std::move(from));
  EXPECT_EQ(to.text(), "moved");
  EXPECT_EQ(from.capacity(), 0u);  // NOLINT(bugprone-use-after-move): this is what is tested.
  from.append("new");
  to = std::move(from);
  EXPECT_EQ(to.text(), "new");
  EXPECT_TRUE(from.is_empty());  // NOLINT(bugprone-use-after-move)
}

TEST(ByteBufferDeathTest, RefusesMoreThanThereIs) {
  ByteBuffer buffer;
  buffer.append("abc");
  EXPECT_DEBUG_DEATH(buffer.consume(4), "CHECK failed");
  EXPECT_DEBUG_DEATH(buffer.truncate(4), "CHECK failed");
  EXPECT_DEBUG_DEATH(buffer.commit(buffer.capacity()), "CHECK failed");
}

}  // namespace
}  // namespace aquatic
