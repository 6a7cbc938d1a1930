// SPDX-License-Identifier: Apache-2.0
#include "net/inherited_sockets.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

#include "net/bound_socket.h"
#include "tests/process/fork.h"
#include "tests/support/service_socket.h"
#include "tests/support/udp_client.h"

namespace aquatic::net {
namespace {

using test::identity_of;
using test::open_service_socket;
using testing::AllOf;
using testing::HasSubstr;

using Named = InheritedSockets::Named;

template <class... Sockets>
InheritedSockets inherit(Sockets... sockets) {
  std::vector<Named> all;
  (all.push_back(std::move(sockets)), ...);
  return InheritedSockets(std::move(all));
}

template <class Action>
std::string failure_of(Action action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

Endpoint endpoint(const char* ip, std::uint16_t port) { return {*IpAddress::parse(ip), port}; }

TEST(InheritedSocketsTest, GivesOutEachOnceByTypeAndAddress) {
  FileDescriptor tcp = open_service_socket({});
  FileDescriptor udp = open_service_socket({.type = SOCK_DGRAM});
  const std::uint16_t tcp_port = bound_port(tcp);
  const std::uint16_t udp_port = bound_port(udp);
  const std::uint64_t tcp_identity = identity_of(tcp);
  const std::uint64_t udp_identity = identity_of(udp);
  InheritedSockets sockets = inherit(Named{std::move(tcp), "a"}, Named{std::move(udp), "b"});
  EXPECT_FALSE(sockets.take(SOCK_STREAM, endpoint("127.0.0.2", tcp_port)).is_open());
  EXPECT_FALSE(sockets.take(SOCK_STREAM, endpoint("127.0.0.1", tcp_port ^ 1)).is_open());
  EXPECT_FALSE(sockets.take(SOCK_DGRAM, endpoint("127.0.0.1", udp_port ^ 1)).is_open());
  FileDescriptor taken = sockets.take(SOCK_DGRAM, endpoint("127.0.0.1", udp_port));
  ASSERT_TRUE(taken.is_open());
  EXPECT_EQ(identity_of(taken), udp_identity);
  EXPECT_FALSE(sockets.take(SOCK_DGRAM, endpoint("127.0.0.1", udp_port)).is_open());
  taken = sockets.take(SOCK_STREAM, endpoint("127.0.0.1", 0));
  ASSERT_TRUE(taken.is_open()) << "any port will do";
  EXPECT_EQ(identity_of(taken), tcp_identity);
  EXPECT_NO_THROW(sockets.refuse_rest());
}

TEST(InheritedSocketsTest, NamesThoseThatNobodyWants) {
  FileDescriptor tcp = open_service_socket({});
  const std::string address = "127.0.0.1:" + std::to_string(bound_port(tcp));
  const InheritedSockets sockets =
      inherit(Named{std::move(tcp), "web"},
              Named{open_service_socket({.type = SOCK_DGRAM}), "aquatic.socket"});
  EXPECT_THAT(
      failure_of([&] { sockets.refuse_rest(); }),
      AllOf(HasSubstr("web (TCP " + address + ")"), HasSubstr("aquatic.socket (UDP 127.0.0.1:")));
  EXPECT_NO_THROW(InheritedSockets().refuse_rest());
}

TEST(InheritedSocketsTest, RefusesWhatNobodyCouldUse) {
  const auto failure_with = [](FileDescriptor fd) {
    return failure_of([&] { inherit(Named{std::move(fd), "odd"}); });
  };
  EXPECT_THAT(failure_with(FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC))),
              AllOf(HasSubstr("odd"), HasSubstr("not a socket")));
  EXPECT_THAT(failure_with(FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))),
              HasSubstr("neither IPv4 nor IPv6"));
  EXPECT_THAT(failure_with(FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))),
              HasSubstr("Accept=no"));
  EXPECT_THAT(failure_with(FileDescriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))),
              HasSubstr("not bound"));
}

// To bind another one would fail, with advice that leads astray.
TEST(InheritedSocketsTest, SaysWhichOneIsInTheWay) {
  FileDescriptor any = open_service_socket({.address = "0.0.0.0:0"});
  const std::uint16_t port = bound_port(any);
  InheritedSockets sockets = inherit(Named{std::move(any), "any"});
  EXPECT_THAT(
      failure_of([&] { sockets.take(SOCK_STREAM, endpoint("127.0.0.1", port)); }),
      AllOf(HasSubstr("any (TCP 0.0.0.0:"), HasSubstr(endpoint("127.0.0.1", port).to_string())));
  EXPECT_FALSE(sockets.take(SOCK_DGRAM, endpoint("127.0.0.1", port)).is_open());
  EXPECT_FALSE(sockets.take(SOCK_STREAM, endpoint("127.0.0.1", port ^ 1)).is_open());
  EXPECT_TRUE(sockets.take(SOCK_STREAM, endpoint("0.0.0.0", port)).is_open());

  FileDescriptor one = open_service_socket({});
  const std::uint16_t its_port = bound_port(one);
  sockets = inherit(Named{std::move(one), "one"});
  EXPECT_THAT(failure_of([&] { sockets.take(SOCK_STREAM, endpoint("0.0.0.0", its_port)); }),
              HasSubstr("one (TCP 127.0.0.1:"));
}

TEST(InheritedSocketsTest, OneForBothFamiliesIsInTheWayOfIpv4) {
  if (!test::is_local(*IpAddress::parse("::1"))) GTEST_SKIP() << "no IPv6 here";
  for (const bool only_ipv6 : {false, true}) {
    FileDescriptor any = open_service_socket({.address = "[::]:0", .only_ipv6 = only_ipv6});
    const std::uint16_t port = bound_port(any);
    InheritedSockets sockets = inherit(Named{std::move(any), "both"});
    const auto failure = failure_of([&] { sockets.take(SOCK_STREAM, endpoint("0.0.0.0", port)); });
    EXPECT_EQ(failure == "", only_ipv6);
    if (!only_ipv6) {
      EXPECT_THAT(failure, AllOf(HasSubstr("IPv4 included"), HasSubstr("BindIPv6Only=")));
    }
    EXPECT_TRUE(sockets.take(SOCK_STREAM, endpoint("::", port)).is_open());
  }
}

// --- The environment: that of a child, whose descriptors from 3 on are what the test says --------

// What a child says that has one socket, at descriptor 3, and nothing at 4.
template <class Body>
std::string said_by_child(const Body& body) {
  std::array<int, 2> ends{};
  CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
  const FileDescriptor from_child(ends[0]);
  FileDescriptor to_parent(ends[1]);
  const FileDescriptor socket = open_service_socket({});
  const int status = process::run_in_child([&] {
    const FileDescriptor out(fcntl(to_parent.get(), F_DUPFD_CLOEXEC, 100));
    const FileDescriptor kept(fcntl(socket.get(), F_DUPFD_CLOEXEC, 100));
    close(4);
    CHECK(dup2(kept.get(), 3) == 3);
    std::string said;
    try {
      said = body();
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
    return write(out.get(), said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
  to_parent.reset();
  std::string said(1'000, '\0');
  said.resize(static_cast<std::size_t>(
      std::max<ssize_t>(read(from_child.get(), said.data(), said.size()), 0)));
  return said;
}

void set_variables(const std::string& pid, const char* count, const char* names) {
  setenv("LISTEN_PID", pid.c_str(), 1);
  setenv("LISTEN_FDS", count, 1);
  if (names != nullptr) setenv("LISTEN_FDNAMES", names, 1);
}

std::string rest_of(const InheritedSockets& sockets) {
  return failure_of([&] { sockets.refuse_rest(); });
}

TEST(InheritedSocketsTest, TakesWhatTheEnvironmentSays) {
  EXPECT_EQ(said_by_child([] {
              set_variables(std::to_string(getpid()), "1", "web");
              InheritedSockets sockets = InheritedSockets::from_environment();
              if (rest_of(sockets).find("web (TCP 127.0.0.1:") == std::string::npos) return "name";
              for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
                if (std::getenv(name) != nullptr) return name;
              }
              const FileDescriptor fd = sockets.take(SOCK_STREAM, endpoint("127.0.0.1", 0));
              if (fd.get() != 3) return "descriptor";
              if ((fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) == 0) return "children have it, too";
              return rest_of(InheritedSockets::from_environment()).empty() ? "good" : "twice";
            }),
            "good");
}

TEST(InheritedSocketsTest, SocketsNeedNoNames) {
  EXPECT_THAT(said_by_child([] {
                set_variables(std::to_string(getpid()), "1", nullptr);
                return rest_of(InheritedSockets::from_environment());
              }),
              HasSubstr("descriptor 3 (TCP 127.0.0.1:"));
}

TEST(InheritedSocketsTest, TakesNothingThatIsMeantForAnother) {
  EXPECT_EQ(said_by_child([] {
              set_variables(std::to_string(getppid()), "1", "web");
              const std::string rest = rest_of(InheritedSockets::from_environment());
              if (std::getenv("LISTEN_FDS") != nullptr) return std::string("left over");
              return rest.empty() && fcntl(3, F_GETFD) >= 0 ? "good" : rest;
            }),
            "good");
}

TEST(InheritedSocketsTest, SaysWhatIsWrongWithTheEnvironment) {
  const auto failure_with = [](const char* count) {
    return said_by_child([count] {
      set_variables(std::to_string(getpid()), count, "a:b");
      InheritedSockets::from_environment();
      return std::string();
    });
  };
  for (const char* count : {"", "x", "1x", "-1", "257", "99999999999999999999"}) {
    EXPECT_THAT(failure_with(count), HasSubstr("LISTEN_FDS is `" + std::string(count) + "`"));
  }
  EXPECT_THAT(failure_with("2"), HasSubstr("descriptor 4 is not open"));
  EXPECT_EQ(failure_with("0"), "");
}

}  // namespace
}  // namespace aquatic::net
