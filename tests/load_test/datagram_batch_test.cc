// SPDX-License-Identifier: Apache-2.0
#include "load_test/datagram_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "load_test/client_address.h"
#include "net/socket_address.h"

namespace aquatic::load_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// A socket on the loopback that sends back what it gets.
class Echo {
 public:
  Echo() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const auto any = net::to_socket_address(*Endpoint::parse("127.0.0.1:0"));
    EXPECT_EQ(bind(socket_.get(), &any.any, net::length_of(any)), 0);
  }
  Endpoint address() const { return local_endpoint(socket_.get()); }
  // Sends back one datagram, and says where it came from.
  Endpoint echo() {
    std::array<std::byte, 2048> buffer;
    net::SocketAddress from{.v6 = {}};
    socklen_t length = sizeof(from);
    const ssize_t bytes =
        recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, &from.any, &length);
    EXPECT_GE(bytes, 0);
    sendto(socket_.get(), buffer.data(), static_cast<std::size_t>(bytes), 0, &from.any, length);
    return net::to_endpoint(from);
  }

 private:
  FileDescriptor socket_;
};

void write(SendBatch& batch, std::size_t bytes, std::byte value) {
  std::ranges::fill(batch.room().first(bytes), value);
  batch.push(bytes);
}

TEST(DatagramBatch, SendsAndReceivesWhatWasWritten) {
  Echo echo;
  const auto socket = open_connected_socket(echo.address(), std::nullopt, 0);
  SendBatch requests;
  for (std::size_t i = 0; i < kBatchDatagrams; ++i) write(requests, i + 1, std::byte{7});
  EXPECT_TRUE(requests.is_full());
  EXPECT_EQ(requests.send(socket.get()), kBatchDatagrams);
  for (std::size_t i = 0; i < kBatchDatagrams; ++i) echo.echo();

  ReceiveBatch responses;
  ASSERT_EQ(responses.receive(socket.get()), kBatchDatagrams);
  for (std::size_t i = 0; i < kBatchDatagrams; ++i) {
    EXPECT_EQ(responses[i].size(), i + 1);
    EXPECT_TRUE(std::ranges::all_of(responses[i], [](std::byte b) { return b == std::byte{7}; }));
  }
}

TEST(DatagramBatch, NothingThereIsNoDatagrams) {
  Echo echo;
  const auto socket = open_connected_socket(echo.address(), std::nullopt, 0);
  ReceiveBatch responses;
  EXPECT_EQ(responses.receive(socket.get()), 0u);
  EXPECT_EQ(errno, EAGAIN);
}

TEST(DatagramBatch, ClearedBatchStartsAgain) {
  Echo echo;
  const auto socket = open_connected_socket(echo.address(), std::nullopt, 0);
  SendBatch requests;
  write(requests, 100, std::byte{1});
  requests.clear();
  EXPECT_EQ(requests.size(), 0u);
  write(requests, 3, std::byte{2});
  EXPECT_EQ(requests.send(socket.get()), 1u);
  echo.echo();
  ReceiveBatch responses;
  ASSERT_EQ(responses.receive(socket.get()), 1u);
  EXPECT_EQ(responses[0].size(), 3u);
}

TEST(DatagramBatchDeathTest, AFullBatchHasNoRoom) {
  SendBatch requests;
  while (!requests.is_full()) requests.push(1);
  EXPECT_DEATH(requests.room(), "CHECK failed");
}

TEST(ConnectedSocket, SendsFromTheSource) {
  Echo echo;
  const auto socket = open_connected_socket(echo.address(), IpAddress::parse("127.0.0.7"), 0);
  EXPECT_EQ(local_endpoint(socket.get()).ip.to_string(), "127.0.0.7");
  SendBatch requests;
  write(requests, 1, std::byte{1});
  requests.send(socket.get());
  EXPECT_EQ(echo.echo(), local_endpoint(socket.get()));
}

TEST(ConnectedSocket, SaysWhatItCannotDo) {
  const Endpoint tracker = *Endpoint::parse("127.0.0.1:9");
  EXPECT_THAT([&] { open_connected_socket(tracker, IpAddress::parse("192.0.2.1"), 0); },
              ThrowsMessage<std::runtime_error>(HasSubstr("cannot send from 192.0.2.1")));
}

}  // namespace
}  // namespace aquatic::load_test
