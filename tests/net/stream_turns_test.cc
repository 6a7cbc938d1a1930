// SPDX-License-Identifier: Apache-2.0
#include "net/stream_turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/net/line_handler.h"

namespace aquatic::net {
namespace {

using testing::ElementsAre;

class StreamTurnsTest : public testing::Test {
 protected:
  static constexpr std::size_t kMaxInput = 32;

  // Makes the text arrive.
  void take(std::string_view text) {
    const MutableBytes room = turns_.room(stream_);
    ASSERT_LE(text.size(), room.size());
    std::ranges::copy(as_bytes(text), room.begin());
    turns_.take(stream_, StreamEvent::input, room.first(text.size()), 0);
  }
  std::string unsent() const { return std::string(as_text(turns_.unsent(stream_))); }
  std::string left() const { return std::string(stream_.input.text()); }

  LineHandler handler_;
  StreamTurns turns_{kMaxInput, handler_};
  Stream stream_;
};

TEST_F(StreamTurnsTest, AStreamWithNothingUnfinishedOwnsNothing) {
  take("echo a\n");
  EXPECT_EQ(unsent(), "a\n");
  turns_.keep_unsent(stream_, 2);
  EXPECT_EQ(stream_.input.capacity(), 0u);
  EXPECT_EQ(stream_.output.capacity(), 0u);
  take("ec");
  EXPECT_GT(stream_.input.capacity(), 0u);
  take("ho b\n");
  turns_.keep_unsent(stream_, 1);
  EXPECT_GT(stream_.output.capacity(), 0u);
  turns_.keep_unsent(stream_, 1);
  EXPECT_EQ(stream_.input.capacity(), 0u);
  EXPECT_EQ(stream_.output.capacity(), 0u);
}

TEST_F(StreamTurnsTest, WhatIsLeftComesAgainWithWhatIsNew) {
  take("echo a\nech");
  EXPECT_EQ(left(), "ech");
  take("o b");
  EXPECT_EQ(left(), "echo b");
  take("c\necho");
  EXPECT_EQ(unsent(), "bc\n");
  EXPECT_EQ(left(), "echo");
  EXPECT_THAT(handler_.input_bytes, ElementsAre(10, 6, 12));
}

TEST_F(StreamTurnsTest, WhatWasNotSentComesFirst) {
  take("echo one\n");
  turns_.keep_unsent(stream_, 2);
  EXPECT_EQ(unsent(), "e\n");
  take("echo two\n");
  EXPECT_EQ(unsent(), "e\ntwo\n");
  turns_.keep_unsent(stream_, 4);
  EXPECT_EQ(unsent(), "o\n");
}

TEST_F(StreamTurnsTest, AHandlerThatMayHaveStoppedHasATurnToCome) {
  take("echo a\nech");
  EXPECT_TRUE(stream_.needs_turn) << "it has consumed something";
  turns_.keep_unsent(stream_, 2);
  turns_.take(stream_, StreamEvent::input, {}, 0);
  EXPECT_FALSE(stream_.needs_turn) << "but now it has not";
  handler_.max_outstanding_bytes = 0;
  take("o b\n");
  turns_.keep_unsent(stream_, 0);
  take("echo c\n");
  EXPECT_EQ(left(), "echo c\n");
  EXPECT_TRUE(stream_.needs_turn) << "output may have made it stop";
  turns_.keep_unsent(stream_, 2);
  turns_.take(stream_, StreamEvent::input, {}, 0);
  EXPECT_EQ(unsent(), "c\n");
  EXPECT_FALSE(stream_.has_turn_to_come());
}

TEST_F(StreamTurnsTest, OutputInPiecesGoesBeforeInput) {
  take("chunks 2\necho a\n");
  EXPECT_EQ(turns_.unsent(stream_).size(), LineHandler::kChunkBytes);
  EXPECT_TRUE(stream_.has_more_output);
  EXPECT_FALSE(stream_.needs_turn);
  turns_.keep_unsent(stream_, LineHandler::kChunkBytes);
  turns_.take(stream_, StreamEvent::drained, {}, 0);
  EXPECT_FALSE(stream_.has_more_output);
  EXPECT_TRUE(stream_.needs_turn);
  turns_.keep_unsent(stream_, LineHandler::kChunkBytes);
  turns_.take(stream_, StreamEvent::input, {}, 0);
  EXPECT_EQ(unsent(), "a\n");
}

TEST_F(StreamTurnsTest, AStreamIsFullWhenNothingMoreCanHelp) {
  take(std::string(kMaxInput - 1, 'a'));
  EXPECT_FALSE(turns_.is_full(stream_));
  EXPECT_EQ(turns_.room(stream_).size(), 1u);
  take("a");
  EXPECT_TRUE(turns_.is_full(stream_));
}

TEST_F(StreamTurnsTest, AStreamIsNotFullWhenOutputMadeTheHandlerStop) {
  handler_.max_outstanding_bytes = 0;
  take("echo a\n");
  turns_.keep_unsent(stream_, 1);
  take("echo " + std::string(kMaxInput - 6, 'b') + '\n');
  EXPECT_EQ(stream_.input.size(), kMaxInput);
  EXPECT_FALSE(turns_.is_full(stream_));
}

TEST_F(StreamTurnsTest, NothingIsKeptOfInputAfterTheLastWord) {
  take("last word\nmore");
  EXPECT_TRUE(stream_.is_last);
  EXPECT_TRUE(stream_.has_unread);
  EXPECT_EQ(stream_.input.capacity(), 0u);
  EXPECT_FALSE(stream_.has_turn_to_come());
}

TEST_F(StreamTurnsTest, ATimeoutIsTheLastTurn) {
  take("echo");
  turns_.take(stream_, StreamEvent::timeout, {}, 0);
  EXPECT_EQ(unsent(), "timeout\n");
  EXPECT_TRUE(stream_.is_last);
  EXPECT_TRUE(stream_.has_unread);
}

TEST_F(StreamTurnsTest, RefusesWithoutAStream) {
  EXPECT_EQ(as_text(turns_.refuse({}, false, 0)), "refused\n");
}

TEST_F(StreamTurnsTest, ALargeAnswerIsNotKeptForEver) {
  take("big 1000000\n");
  turns_.keep_unsent(stream_, 1'000'001);
  take("echo a\n");
  EXPECT_EQ(unsent(), "a\n");
}

}  // namespace
}  // namespace aquatic::net
