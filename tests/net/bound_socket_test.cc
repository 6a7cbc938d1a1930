// SPDX-License-Identifier: Apache-2.0
#include "net/bound_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>

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
  EXPECT_EQ(family_of(kLoopback), AF_INET);
  EXPECT_EQ(family_of({*IpAddress::parse("::1"), 0}), AF_INET6);
}

}  // namespace
}  // namespace aquatic::net
