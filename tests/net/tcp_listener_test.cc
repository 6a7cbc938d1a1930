// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <set>
#include <stdexcept>
#include <vector>

#include "net/bound_socket.h"
#include "net/socket_address.h"
#include "tests/support/service_socket.h"
#include "tests/support/udp_client.h"

namespace aquatic::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TcpOptions options_for(const char* address, std::size_t worker_count = 1) {
  return {.address = *Endpoint::parse(address), .worker_count = worker_count};
}

std::string failure_of(const TcpOptions& options) {
  try {
    open_tcp_listeners(options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

FileDescriptor open_socket(const Endpoint& endpoint) {
  return FileDescriptor(socket(family_of(endpoint), SOCK_STREAM | SOCK_CLOEXEC, 0));
}

// A connection, or none if nobody listens there.
FileDescriptor connect_to(const Endpoint& endpoint) {
  FileDescriptor fd = open_socket(endpoint);
  const SocketAddress address = to_socket_address(endpoint);
  if (connect(fd.get(), &address.any, length_of(address)) != 0) return {};
  return fd;
}

// The next connection of any of the sockets. Requires: there is or will be one.
FileDescriptor accept_at(const TcpListeners& listeners) {
  std::vector<pollfd> sockets;
  for (const FileDescriptor& fd : listeners.sockets) sockets.push_back({fd.get(), POLLIN, 0});
  EXPECT_GT(poll(sockets.data(), sockets.size(), 10'000), 0);
  for (const pollfd& entry : sockets) {
    if (entry.revents != 0) return FileDescriptor(accept(entry.fd, nullptr, nullptr));
  }
  return {};
}

int option_of(const FileDescriptor& fd, int level, int option) {
  int value = -1;
  socklen_t length = sizeof(value);
  EXPECT_EQ(getsockopt(fd.get(), level, option, &value, &length), 0);
  return value;
}

TEST(TcpListenerTest, TakesAFreePortForAllSockets) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
    if (!test::is_local(Endpoint::parse(address)->ip)) continue;
    const TcpListeners listeners = open_tcp_listeners(options_for(address, 3));
    EXPECT_NE(listeners.address.port, 0);
    EXPECT_EQ(listeners.address.ip, Endpoint::parse(address)->ip);
    ASSERT_EQ(listeners.sockets.size(), 3u);
    for (const FileDescriptor& fd : listeners.sockets) {
      EXPECT_EQ(bound_port(fd), listeners.address.port);
      EXPECT_EQ(accept(fd.get(), nullptr, nullptr), -1);  // Does not block.
      EXPECT_EQ(errno, EAGAIN);
    }
  }
}

TEST(TcpListenerTest, SocketsShareThePort) {
  const TcpListeners listeners = open_tcp_listeners(options_for("127.0.0.1:0", 2));
  std::array<bool, 2> has_had_one{};
  // The kernel picks by a hash of the ports: a hundred never fall on one side.
  for (int i = 0; i < 100; ++i) {
    const FileDescriptor client = connect_to(listeners.address);
    ASSERT_TRUE(client.is_open());
    for (std::size_t at = 0; at < 2; ++at) {
      const FileDescriptor accepted(accept(listeners.sockets[at].get(), nullptr, nullptr));
      has_had_one[at] |= accepted.is_open();
    }
  }
  EXPECT_TRUE(has_had_one[0] && has_had_one[1]);
}

TEST(TcpListenerTest, ConnectionsDoNotWaitForMoreToSend) {
  const TcpListeners listeners = open_tcp_listeners(options_for("127.0.0.1:0"));
  const FileDescriptor client = connect_to(listeners.address);
  const FileDescriptor accepted = accept_at(listeners);
  ASSERT_TRUE(accepted.is_open());
  EXPECT_EQ(option_of(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
}

// A peer who asks and does not receive.
TEST(TcpListenerTest, TheKernelKeepsLittleForAPeer) {
  const TcpListeners listeners = open_tcp_listeners(options_for("127.0.0.1:0"));
  const FileDescriptor client = connect_to(listeners.address);
  const FileDescriptor accepted = accept_at(listeners);
  ASSERT_TRUE(accepted.is_open());
  const std::vector<char> bytes(16 * 1024);
  ssize_t taken = 0;
  while (const ssize_t count = send(accepted.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) {
    if (count < 0) break;
    taken += count;
  }
  int room = 0;  // What the peer's kernel may have taken.
  socklen_t length = sizeof(room);
  ASSERT_EQ(getsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &room, &length), 0);
  EXPECT_LT(taken, room + 512 * 1024);
}

TEST(TcpListenerTest, RefusesAPortThatSomebodyListensOn) {
  const TcpListeners other = open_tcp_listeners(options_for("127.0.0.1:0"));
  EXPECT_EQ(option_of(other.sockets[0], SOL_SOCKET, SO_REUSEPORT), 1);
  TcpOptions options = options_for("127.0.0.1:0");
  options.address.port = other.address.port;
  EXPECT_THAT(failure_of(options), AllOf(HasSubstr("TCP address 127.0.0.1:"),
                                         HasSubstr("stop the process that uses the port")));
  options.address.ip = *IpAddress::parse("0.0.0.0");
  EXPECT_THAT(failure_of(options), HasSubstr("stop the process that uses the port"));
}

// The side that closes first keeps the port for a minute.
TEST(TcpListenerTest, TakesThePortOfAnEarlierProcessWhoseConnectionsLinger) {
  TcpListeners listeners = open_tcp_listeners(options_for("127.0.0.1:0", 2));
  FileDescriptor client = connect_to(listeners.address);
  FileDescriptor accepted = accept_at(listeners);
  ASSERT_TRUE(accepted.is_open());
  TcpOptions options = options_for("127.0.0.1:0", 2);
  options.address = listeners.address;
  listeners.sockets.clear();
  EXPECT_EQ(failure_of(options), "") << "beside an open connection";
  accepted.reset();
  client.reset();
  EXPECT_EQ(failure_of(options), "") << "beside a closed one";
}

TEST(TcpListenerTest, WildcardOfIpv6LeavesIpv4AloneUnlessTold) {
  if (!test::is_local(*IpAddress::parse("::1"))) GTEST_SKIP() << "no IPv6 here";
  TcpOptions options = options_for("[::]:0");
  const TcpListeners only_ipv6 = open_tcp_listeners(options);
  const IpAddress ipv4 = *IpAddress::parse("127.0.0.1");
  EXPECT_FALSE(connect_to({ipv4, only_ipv6.address.port}).is_open());
  EXPECT_TRUE(connect_to({*IpAddress::parse("::1"), only_ipv6.address.port}).is_open());
  options.only_ipv6 = false;
  const TcpListeners both = open_tcp_listeners(options);
  EXPECT_TRUE(connect_to({ipv4, both.address.port}).is_open());
}

// One of another's, and what there is beside it: each worker's own, or the same once more.
TEST(TcpListenerTest, AnInheritedSocketIsOneOfThem) {
  for (const bool shares_port : {false, true}) {
    FileDescriptor inherited = test::open_service_socket({.shares_port = shares_port});
    const std::uint64_t identity = test::identity_of(inherited);
    const std::uint16_t port = bound_port(inherited);
    const TcpListeners listeners =
        open_tcp_listeners(options_for("127.0.0.1:0", 3), std::move(inherited));
    EXPECT_EQ(listeners.address, (Endpoint{*IpAddress::parse("127.0.0.1"), port}));
    ASSERT_EQ(listeners.sockets.size(), 3u);
    EXPECT_EQ(test::identity_of(listeners.sockets[0]), identity);
    std::set<std::uint64_t> identities;
    for (const FileDescriptor& fd : listeners.sockets) {
      identities.insert(test::identity_of(fd));
      EXPECT_EQ(bound_port(fd), port);
      EXPECT_EQ(accept(fd.get(), nullptr, nullptr), -1);  // Does not block.
      EXPECT_EQ(errno, EAGAIN);
    }
    EXPECT_EQ(identities.size(), shares_port ? 3u : 1u);
    for (int i = 0; i < 20; ++i) {
      const FileDescriptor client = connect_to(listeners.address);
      const FileDescriptor accepted = accept_at(listeners);
      ASSERT_TRUE(accepted.is_open());
      EXPECT_EQ(option_of(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
    }
  }
}

TEST(TcpListenerTest, AnInheritedSocketGetsTheBacklogThatIsConfigured) {
  FileDescriptor inherited = test::open_service_socket({});
  TcpOptions options = options_for("127.0.0.1:0");
  options.backlog = 7;
  const TcpListeners listeners = open_tcp_listeners(options, std::move(inherited));
  tcp_info info{};
  socklen_t length = sizeof(info);
  ASSERT_EQ(getsockopt(listeners.sockets[0].get(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
  EXPECT_EQ(info.tcpi_sacked, 7u);  // Which is where listening sockets keep it.
}

TEST(TcpListenerTest, AnInheritedSocketThatTakesMoreThanConfiguredIsRefused) {
  if (!test::is_local(*IpAddress::parse("::1"))) GTEST_SKIP() << "no IPv6 here";
  FileDescriptor inherited = test::open_service_socket({.address = "[::]:0", .only_ipv6 = false});
  try {
    open_tcp_listeners(options_for("[::]:0"), std::move(inherited));
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("BindIPv6Only=ipv6-only"));
  }
}

TEST(TcpListenerTest, SaysWhatIsWrongWithAnAddress) {
  EXPECT_THAT(failure_of(options_for("203.0.113.9:0")),
              HasSubstr("no interface of this machine has the address"));
}

}  // namespace
}  // namespace aquatic::net
