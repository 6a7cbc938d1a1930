// SPDX-License-Identifier: Apache-2.0
#include "net/bound_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>

#include "tests/process/fork.h"
#include "tests/support/service_socket.h"
#include "tests/support/udp_client.h"

namespace aquatic::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const Endpoint kLoopback{*IpAddress::parse("127.0.0.1"), 0};

TEST(BoundSocketTest, SaysWhatAnOperatorCanDo) {
  const auto failure = [](int error) {
    try {
      fail_to_listen("TCP", {kLoopback.ip, 80}, error);
    } catch (const std::runtime_error& thrown) {
      return std::string(thrown.what());
    }
  };
  EXPECT_THAT(failure(EADDRINUSE), AllOf(HasSubstr("TCP address 127.0.0.1:80: Address already"),
                                         HasSubstr("stop the process that uses the port")));
  EXPECT_THAT(failure(EADDRNOTAVAIL), HasSubstr("no interface of this machine"));
  EXPECT_THAT(failure(EACCES), HasSubstr("CAP_NET_BIND_SERVICE"));
  EXPECT_THAT(failure(EAFNOSUPPORT), HasSubstr("lacks the IP version"));
  EXPECT_THAT(failure(EMFILE), HasSubstr("limit of open files"));
  EXPECT_THAT(failure(EINVAL), HasSubstr("check the address"));
}

TEST(BoundSocketTest, BindsAndTellsThePort) {
  const FileDescriptor first(socket(family_of(kLoopback), SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind_to(first, kLoopback), 0);
  const std::uint16_t port = bound_port(first);
  EXPECT_NE(port, 0);
  const FileDescriptor second(socket(family_of(kLoopback), SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(bind_to(second, {kLoopback.ip, port}), EADDRINUSE);
}

TEST(BoundSocketTest, SetsOptions) {
  const FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_TRUE(set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1));
  EXPECT_FALSE(set_option(-1, SOL_SOCKET, SO_REUSEADDR, 1));
  EXPECT_EQ(option_of(fd.get(), SOL_SOCKET, SO_REUSEADDR), 1);
  EXPECT_EQ(option_of(-1, SOL_SOCKET, SO_REUSEADDR), std::nullopt);
  EXPECT_EQ(family_of(kLoopback), AF_INET);
  EXPECT_EQ(family_of({*IpAddress::parse("::1"), 0}), AF_INET6);
}

TEST(BoundSocketTest, DuplicatesAreTheSameSocket) {
  const FileDescriptor fd = test::open_service_socket({});
  const FileDescriptor copy = duplicate(fd, "TCP", kLoopback);
  EXPECT_NE(copy.get(), fd.get());
  EXPECT_EQ(test::identity_of(copy), test::identity_of(fd));
  EXPECT_THROW(duplicate(FileDescriptor(), "TCP", kLoopback), std::runtime_error);
}

TEST(BoundSocketTest, APortIsSharedIfItsSocketAllowsIt) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    for (const bool shares_port : {false, true}) {
      const FileDescriptor fd =
          test::open_service_socket({.type = type, .shares_port = shares_port});
      EXPECT_EQ(can_share_port(fd, {kLoopback.ip, bound_port(fd)}), shares_port);
    }
  }
}

TEST(BoundSocketTest, APortIsNotSharedWithAnotherUser) {
  if (getuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const FileDescriptor fd = test::open_service_socket({.type = type, .shares_port = true});
    const Endpoint address{kLoopback.ip, bound_port(fd)};
    EXPECT_EQ(process::run_in_child([&] {
                if (setresuid(65'534, 65'534, 65'534) != 0) return 2;
                return can_share_port(fd, address) ? 1 : 0;
              }),
              0);
  }
}

TEST(BoundSocketTest, AnInheritedSocketTreatsIpv4AsWanted) {
  if (!test::is_local(*IpAddress::parse("::1"))) GTEST_SKIP() << "no IPv6 here";
  for (const bool is_only_ipv6 : {false, true}) {
    const FileDescriptor fd =
        test::open_service_socket({.address = "[::]:0", .only_ipv6 = is_only_ipv6});
    const Endpoint address{*IpAddress::parse("::"), bound_port(fd)};
    EXPECT_NO_THROW(check_inherited(fd, "TCP", address, is_only_ipv6));
    try {
      check_inherited(fd, "TCP", address, !is_only_ipv6);
      FAIL() << is_only_ipv6;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr(address.to_string()),
                        HasSubstr(is_only_ipv6 ? "BindIPv6Only=both" : "BindIPv6Only=ipv6-only")));
    }
  }
}

}  // namespace
}  // namespace aquatic::net
