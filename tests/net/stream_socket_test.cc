// SPDX-License-Identifier: Apache-2.0
#include "net/stream_socket.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/support/socket_pair.h"

namespace aquatic::net {
namespace {

using Status = IoResult::Status;

class StreamSocketTest : public testing::Test {
 protected:
  StreamSocketTest() : StreamSocketTest(test::make_socket_pair()) {}

  std::string text_of(const IoResult& result) const {
    return std::string(as_text(Bytes(room_).first(result.bytes)));
  }

  StreamSocket socket_;
  test::TcpPeer peer_;
  std::array<std::byte, 4> room_;

 private:
  explicit StreamSocketTest(std::pair<FileDescriptor, test::TcpPeer> pair)
      : socket_(std::move(pair.first)), peer_(std::move(pair.second)) {}
};

TEST_F(StreamSocketTest, ReceivesAndSaysWhyThereIsNotMore) {
  EXPECT_EQ(socket_.receive(room_).status, Status::wants_read);
  peer_.send("abcdef");
  IoResult result = socket_.receive(room_);
  EXPECT_EQ(result.status, Status::done) << "there may be more";
  EXPECT_EQ(text_of(result), "abcd");
  result = socket_.receive(room_);
  EXPECT_EQ(result.status, Status::wants_read) << "there was room for more";
  EXPECT_EQ(text_of(result), "ef");
  peer_.end_output();
  EXPECT_EQ(socket_.receive(room_).status, Status::closed);
  EXPECT_FALSE(socket_.has_pending_input());
  EXPECT_FALSE(socket_.is_secure());
}

TEST_F(StreamSocketTest, SendsWhatIsPossible) {
  IoResult result = socket_.send(as_bytes("abc"));
  EXPECT_EQ(result.status, Status::done);
  EXPECT_EQ(result.bytes, 3u);
  EXPECT_EQ(peer_.take_received(), "abc");
  const std::vector<std::byte> much(10'000'000);
  result = socket_.send(much);
  EXPECT_EQ(result.status, Status::wants_write);
  EXPECT_GT(result.bytes, 0u);
  EXPECT_LT(result.bytes, much.size());
  EXPECT_EQ(socket_.send(much).status, Status::wants_write);
  EXPECT_EQ(peer_.take_received().size(), result.bytes);
}

TEST_F(StreamSocketTest, SendingToNobodyFailsWithoutASignal) {
  peer_.close();
  EXPECT_EQ(socket_.send(as_bytes("abc")).status, Status::failed);
}

TEST_F(StreamSocketTest, PeekLeavesWhatItShows) {
  EXPECT_EQ(socket_.peek(room_).status, Status::wants_read);
  peer_.send("abc");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(text_of(socket_.peek(room_)), "abc");
  EXPECT_EQ(text_of(socket_.receive_raw(MutableBytes(room_).first(2))), "ab");
  EXPECT_EQ(text_of(socket_.receive(room_)), "c");
}

TEST_F(StreamSocketTest, EndOfOutputLeavesInput) {
  socket_.send(as_bytes("abc"));
  socket_.end_output();
  EXPECT_TRUE(peer_.has_seen_end());
  EXPECT_EQ(peer_.received(), "abc");
  peer_.send("d");
  EXPECT_EQ(text_of(socket_.receive(room_)), "d");
}

TEST_F(StreamSocketTest, CloseAndDropClose) {
  socket_.close();
  EXPECT_EQ(socket_.fd(), -1);
  EXPECT_TRUE(peer_.has_seen_end());
  socket_.drop();
  EXPECT_EQ(socket_.fd(), -1);
}

}  // namespace
}  // namespace aquatic::net
