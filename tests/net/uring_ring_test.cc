// SPDX-License-Identifier: Apache-2.0
#include "net/uring_ring.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include "base/file_descriptor.h"

namespace aquatic::net {
namespace {

constexpr std::uint32_t kCount = 8;
constexpr std::size_t kBufferBytes = 100;

class UringRingTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> fds{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds.data()), 0);
    near_ = FileDescriptor(fds[0]);
    far_ = FileDescriptor(fds[1]);
    try {
      ring_ = std::make_unique<UringRing>(16, 32);
      buffers_.register_with(*ring_);
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  // Receives one datagram into any buffer; returns its id, or what errno says, negative.
  int receive() {
    io_uring_sqe* request = io_uring_get_sqe(ring_->get());
    io_uring_prep_recv(request, near_.get(), nullptr, kBufferBytes, MSG_DONTWAIT);
    request->flags |= IOSQE_BUFFER_SELECT;
    request->buf_group = UringBuffers::kGroup;
    EXPECT_EQ(io_uring_submit(ring_->get()), 1);
    io_uring_cqe* completion = nullptr;
    EXPECT_EQ(io_uring_wait_cqe(ring_->get(), &completion), 0);
    const int result = completion->res < 0
                           ? completion->res
                           : static_cast<int>(completion->flags >> IORING_CQE_BUFFER_SHIFT);
    io_uring_cqe_seen(ring_->get(), completion);
    return result;
  }

  void send(const std::string& text) {
    ASSERT_EQ(::send(far_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }

  FileDescriptor near_;
  FileDescriptor far_;
  UringBuffers buffers_{kCount, kBufferBytes};
  std::unique_ptr<UringRing> ring_;
};

TEST_F(UringRingTest, TheKernelFillsEachBufferOnceUntilItIsGivenBack) {
  std::set<int> ids;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const std::string text = "datagram " + std::to_string(i);
    send(text);
    const int id = receive();
    ASSERT_GE(id, 0);
    EXPECT_TRUE(ids.insert(id).second);
    const MutableBytes buffer = buffers_[static_cast<std::uint16_t>(id)];
    ASSERT_EQ(buffer.size(), kBufferBytes);
    EXPECT_EQ(as_text(buffer.first(text.size())), text);
  }
  send("one too many");
  EXPECT_EQ(receive(), -ENOBUFS);

  buffers_.give_back(3);
  buffers_.give_back(5);
  EXPECT_EQ(receive(), -ENOBUFS);  // Not published yet.
  buffers_.publish();
  send("another");
  EXPECT_EQ(receive(), 3);
  EXPECT_EQ(receive(), 5);
}

TEST_F(UringRingTest, BuffersDoNotOverlap) {
  for (std::uint16_t id = 0; id < kCount; ++id) {
    std::memset(buffers_[id].data(), id, buffers_[id].size());
  }
  for (std::uint16_t id = 0; id < kCount; ++id) {
    for (const std::byte byte : buffers_[id]) ASSERT_EQ(std::to_integer<int>(byte), id);
  }
}

}  // namespace
}  // namespace aquatic::net
