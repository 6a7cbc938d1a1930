// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <vector>

#include "net/tcp_listener.h"
#include "tests/support/file_limit.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::net {
namespace {

using namespace std::chrono_literals;

class AcceptorTest : public testing::Test {
 protected:
  // Which listener the poller reports.
  std::optional<std::size_t> reported() {
    const auto events = poller_.wait(10s);
    return events.empty() ? std::nullopt : Acceptor::listener_of(events[0].data.u64);
  }

  TcpListeners first_ = open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  TcpListeners second_ = open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  Poller poller_;
};

TEST_F(AcceptorTest, HandsOutConnectionsOfEachListener) {
  std::vector<FileDescriptor> listeners;
  listeners.push_back(std::move(first_.sockets[0]));
  listeners.push_back(std::move(second_.sockets[0]));
  Acceptor acceptor(listeners, poller_);
  EXPECT_EQ(acceptor.size(), 2u);
  EXPECT_FALSE(acceptor.next(0).has_value());
  const test::TcpPeer peer(second_.address);
  EXPECT_EQ(reported(), 1u);
  const auto connection = acceptor.next(1);
  ASSERT_TRUE(connection.has_value());
  EXPECT_EQ(connection->peer, peer.address());
  EXPECT_NE(fcntl(connection->fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(connection->fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_FALSE(acceptor.next(1).has_value());
}

TEST_F(AcceptorTest, OtherKeysAreNotItsOwn) {
  EXPECT_EQ(Acceptor::listener_of(0), std::nullopt);
  EXPECT_EQ(Acceptor::listener_of(0x1'ffff'ff00), std::nullopt);
}

TEST_F(AcceptorTest, PausesForWantOfDescriptors) {
  Acceptor acceptor(first_.sockets, poller_);
  const test::TcpPeer peer(first_.address);
  EXPECT_EQ(reported(), 0u);
  {
    const test::FileLimit limit;
    EXPECT_FALSE(acceptor.next(0).has_value());
  }
  EXPECT_TRUE(acceptor.is_paused());
  EXPECT_TRUE(poller_.wait(0ms).empty()) << "nothing to be done about it now";
  acceptor.resume();
  EXPECT_FALSE(acceptor.is_paused());
  EXPECT_EQ(reported(), 0u);
  EXPECT_TRUE(acceptor.next(0).has_value());
}

TEST_F(AcceptorTest, StopsListening) {
  Acceptor acceptor(first_.sockets, poller_);
  acceptor.close();
  EXPECT_EQ(acceptor.size(), 0u);
  EXPECT_THROW(test::TcpPeer(first_.address), std::runtime_error);
}

// As the service manager has: the poller would report it for ever.
TEST_F(AcceptorTest, StopsListeningToASocketThatSomebodyElseHasToo) {
  const FileDescriptor other(dup(first_.sockets[0].get()));
  Acceptor acceptor(first_.sockets, poller_);
  const test::TcpPeer peer(first_.address);
  EXPECT_EQ(reported(), 0u);
  acceptor.close();
  EXPECT_TRUE(poller_.wait(0ms).empty());
  EXPECT_TRUE(FileDescriptor(accept(other.get(), nullptr, nullptr)).is_open()) << "nothing is lost";
}

TEST_F(AcceptorTest, WorkersMayShareASocket) {
  Poller second_poller;
  std::vector<FileDescriptor> copy;
  copy.emplace_back(dup(first_.sockets[0].get()));
  Acceptor first(first_.sockets, poller_);
  Acceptor second(copy, second_poller);
  for (Acceptor* acceptor : {&first, &second}) {
    const test::TcpPeer peer(first_.address);
    EXPECT_EQ(reported(), 0u);
    EXPECT_TRUE(acceptor->next(0).has_value());
    EXPECT_FALSE(first.next(0).has_value());
    EXPECT_FALSE(second.next(0).has_value());
    EXPECT_TRUE(poller_.wait(0ms).empty());
    EXPECT_TRUE(second_poller.wait(0ms).empty());
  }
}

}  // namespace
}  // namespace aquatic::net
