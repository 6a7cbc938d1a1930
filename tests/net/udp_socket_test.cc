// SPDX-License-Identifier: Apache-2.0
#include "net/udp_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <set>
#include <stdexcept>
#include <thread>

#include "net/packet_info.h"
#include "net/socket_address.h"
#include "tests/support/network_namespace.h"
#include "tests/support/service_socket.h"
#include "tests/support/udp_client.h"

namespace aquatic::net {
namespace {

using test::pattern;
using test::UdpClient;
using testing::AllOf;
using testing::HasSubstr;

Endpoint endpoint(const char* text) { return *Endpoint::parse(text); }

UdpOptions options_for(const char* address, std::size_t worker_count = 1) {
  return {.address = endpoint(address), .worker_count = worker_count, .steering = {}};
}

UdpGroup open_one(const UdpOptions& options) {
  std::vector<UdpGroup> groups = open_udp_groups(options);
  EXPECT_EQ(groups.size(), 1u);
  return std::move(groups.back());
}

std::string failure_of(const UdpOptions& options) {
  try {
    open_udp_groups(options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

Endpoint bound_address(const FileDescriptor& fd) {
  SocketAddress address{.v6 = {}};
  socklen_t length = sizeof(address);
  EXPECT_EQ(getsockname(fd.get(), &address.any, &length), 0);
  return to_endpoint(address);
}

// The first bytes of all that has arrived.
std::multiset<int> arrived_at(const FileDescriptor& fd) {
  std::multiset<int> first_bytes;
  std::array<std::byte, 64> buffer;
  while (recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
    first_bytes.insert(std::to_integer<int>(buffer[0]));
  }
  return first_bytes;
}

constexpr std::array<sock_filter, 3> kByFirstByte = {{
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
    BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3),
    BPF_STMT(BPF_RET | BPF_A, 0),
}};

TEST(UdpSocketTest, TakesAFreePortForAllSockets) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
    if (!test::is_local(endpoint(address).ip)) continue;
    const UdpGroup group = open_one(options_for(address, 3));
    EXPECT_NE(group.address.port, 0);
    EXPECT_EQ(group.address.ip, endpoint(address).ip);
    ASSERT_EQ(group.sockets.size(), 3u);
    EXPECT_EQ(group.steering_error, "");
    for (const UdpSocketPair& pair : group.sockets) {
      EXPECT_EQ(bound_address(pair.receive), group.address);
      EXPECT_EQ(bound_address(pair.send), group.address);
    }
  }
}

TEST(UdpSocketTest, APortThatSharesItselfIsInUseAllTheSame) {
  const UdpGroup group = open_one(options_for("127.0.0.1:0"));
  UdpOptions options = options_for("127.0.0.1:0");
  options.address = group.address;
  EXPECT_THAT(failure_of(options),
              AllOf(HasSubstr(group.address.to_string()), HasSubstr("ddress already in use"),
                    HasSubstr("choose another port")));
  options.address.ip = IpAddress();
  EXPECT_THAT(failure_of(options), HasSubstr("ddress already in use"));
}

TEST(UdpSocketTest, APortIsFreeAgainOnceItsGroupIsClosed) {
  UdpOptions options = options_for("127.0.0.1:0", 2);
  for (int i = 0; i < 3; ++i) {
    const UdpGroup group = open_one(options);
    options.address.port = group.address.port;
  }
}

TEST(UdpSocketTest, SaysWhatToDoAboutAForeignAddress) {
  EXPECT_THAT(failure_of(options_for("192.0.2.77:0")),
              AllOf(HasSubstr("192.0.2.77:0"), HasSubstr("no interface of this machine")));
}

TEST(UdpSocketTest, BothFamiliesShareAPort) {
  if (!test::is_local(endpoint("[::1]:0").ip)) GTEST_SKIP() << "no IPv6";
  const UdpGroup v6 = open_one(options_for("[::1]:0"));
  UdpOptions v4 = options_for("127.0.0.1:0");
  v4.address.port = v6.address.port;
  EXPECT_EQ(failure_of(v4), "");
  UdpOptions any_v6 = options_for("[::]:0");
  any_v6.address_mode = AddressMode::plain;
  const UdpGroup wildcard = open_one(any_v6);
  v4.address.port = wildcard.address.port;
  EXPECT_EQ(failure_of(v4), "");
}

TEST(UdpSocketTest, ADualStackSocketHearsIpv4) {
  if (!test::is_local(endpoint("[::]:0").ip)) GTEST_SKIP() << "no IPv6";
  UdpOptions options = options_for("[::]:0");
  options.address_mode = AddressMode::plain;
  for (const bool only_ipv6 : {false, true}) {
    options.only_ipv6 = only_ipv6;
    const UdpGroup group = open_one(options);
    UdpClient client({endpoint("127.0.0.1:0").ip, group.address.port});
    client.send(pattern(1, 9));
    EXPECT_EQ(arrived_at(group.sockets[0].receive).size(), only_ipv6 ? 0u : 1u);
  }
}

TEST(UdpSocketTest, OnlyReceiversReceive) {
  const UdpGroup group = open_one(options_for("127.0.0.1:0", 2));
  for (int i = 0; i < 100; ++i) UdpClient(group.address).send(pattern(1, 1));
  const std::size_t first = arrived_at(group.sockets[0].receive).size();
  const std::size_t second = arrived_at(group.sockets[1].receive).size();
  EXPECT_EQ(first + second, 100u);
  // Each misses out on all of them once in 2^100 runs.
  EXPECT_GT(first, 0u);
  EXPECT_GT(second, 0u);
}

TEST(UdpSocketTest, TheSteeringProgramPicksTheWorker) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
    if (!test::is_local(endpoint(address).ip)) continue;
    UdpOptions options = options_for(address, 3);
    options.steering = kByFirstByte;
    const UdpGroup group = open_one(options);
    EXPECT_EQ(group.steering_error, "");
    for (std::size_t i = 0; i < 30; ++i) UdpClient(group.address).send(pattern(20, i));
    for (std::size_t worker = 0; worker < 3; ++worker) {
      std::multiset<int> expected;
      for (int i = 0; i < 30; ++i) {
        if (i % 3 == static_cast<int>(worker)) expected.insert(i);
      }
      EXPECT_EQ(arrived_at(group.sockets[worker].receive), expected) << address;
    }
  }
}

TEST(UdpSocketTest, WithoutSteeringEveryDatagramStillFindsAReceiver) {
  const std::array<sock_filter, 1> not_a_program = {{{0xffff, 0, 0, 0}}};
  UdpOptions options = options_for("127.0.0.1:0", 2);
  options.steering = not_a_program;
  const UdpGroup group = open_one(options);
  EXPECT_NE(group.steering_error, "");
  for (int i = 0; i < 100; ++i) UdpClient(group.address).send(pattern(1, 1));
  EXPECT_EQ(
      arrived_at(group.sockets[0].receive).size() + arrived_at(group.sockets[1].receive).size(),
      100u);
  EXPECT_EQ(bound_address(group.sockets[1].send), group.address);
}

TEST(UdpSocketTest, AnInheritedSocketIsTheFirstOfItsGroup) {
  FileDescriptor inherited = test::open_service_socket({.type = SOCK_DGRAM, .shares_port = true});
  const std::uint64_t identity = test::identity_of(inherited);
  const Endpoint address = bound_address(inherited);
  ASSERT_EQ(fcntl(inherited.get(), F_SETFL, O_NONBLOCK), 0);  // NonBlocking=yes
  // As the one before, of which the service manager had the program kept.
  ASSERT_EQ(attach_steering(inherited.get(), kByFirstByte), 0);
  UdpOptions options = options_for("127.0.0.1:0", 3);
  options.steering = kByFirstByte;
  options.receive_buffer_bytes = 100'000;
  std::vector<UdpGroup> groups = open_udp_groups(options, std::move(inherited));
  ASSERT_EQ(groups.size(), 1u);
  const UdpGroup& group = groups[0];
  EXPECT_EQ(group.address, address);
  EXPECT_EQ(group.steering_error, "");
  EXPECT_FALSE(group.is_shared);
  EXPECT_EQ(group.receive_buffer_bytes, 100'000u);
  ASSERT_EQ(group.sockets.size(), 3u);
  EXPECT_EQ(test::identity_of(group.sockets[0].receive), identity);
  EXPECT_EQ(fcntl(group.sockets[0].receive.get(), F_GETFL) & O_NONBLOCK, 0);
  for (std::size_t i = 0; i < 30; ++i) UdpClient(address).send(pattern(20, i));
  for (std::size_t worker = 0; worker < 3; ++worker) {
    const auto arrived = arrived_at(group.sockets[worker].receive);
    EXPECT_EQ(arrived.size(), 10u);
    for (const int first : arrived) EXPECT_EQ(first % 3, static_cast<int>(worker));
  }
}

TEST(UdpSocketTest, AnInheritedSocketThatCannotShareItsPortIsShared) {
  FileDescriptor inherited = test::open_service_socket({.type = SOCK_DGRAM});
  const std::uint64_t identity = test::identity_of(inherited);
  const Endpoint address = bound_address(inherited);
  UdpOptions options = options_for("127.0.0.1:0", 3);
  options.steering = kByFirstByte;
  std::vector<UdpGroup> groups = open_udp_groups(options, std::move(inherited));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].address, address);
  EXPECT_THAT(groups[0].steering_error, HasSubstr("share"));
  EXPECT_TRUE(groups[0].is_shared);
  ASSERT_EQ(groups[0].sockets.size(), 3u);
  for (const UdpSocketPair& pair : groups[0].sockets) {
    EXPECT_EQ(test::identity_of(pair.receive), identity);
    EXPECT_EQ(test::identity_of(pair.send), identity);
    UdpClient(address).send(pattern(20, 7));
    EXPECT_EQ(arrived_at(pair.receive).size(), 1u);
  }
}

TEST(UdpSocketTest, OneWorkerNeedsNoSteeringForAnInheritedSocket) {
  FileDescriptor inherited = test::open_service_socket({.type = SOCK_DGRAM});
  const std::vector<UdpGroup> groups =
      open_udp_groups(options_for("127.0.0.1:0"), std::move(inherited));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].steering_error, "");
}

TEST(UdpSocketTest, AnInheritedWildcardStandsForAllAddressesIfItHasTo) {
  const std::string impossible = test::run_in_network_namespace([] {
    test::add_loopback_address(*IpAddress::parse("2001:db8::1"));
    test::add_loopback_address(*IpAddress::parse("2001:db8::2"));
    for (const bool shares_port : {false, true}) {
      FileDescriptor inherited = test::open_service_socket(
          {.type = SOCK_DGRAM, .address = "[::]:0", .shares_port = shares_port});
      const Endpoint address = bound_address(inherited);
      const std::vector<UdpGroup> groups =
          open_udp_groups(options_for("[::]:0", 2), std::move(inherited));
      ASSERT_EQ(groups.size(), shares_port ? 3u : 1u);
      EXPECT_EQ(groups.back().address, address);
      EXPECT_EQ(groups.back().is_shared, !shares_port);
      EXPECT_TRUE(has_packet_info(groups.back().sockets[1].receive.get()));
    }
  });
  if (!impossible.empty()) GTEST_SKIP() << impossible;
}

TEST(UdpSocketTest, GrantsTheReceiveBuffer) {
  UdpOptions options = options_for("127.0.0.1:0");
  options.receive_buffer_bytes = 100'000;  // Below any default limit.
  const UdpGroup group = open_one(options);
  EXPECT_EQ(group.receive_buffer_bytes, 100'000u);
  EXPECT_FALSE(group.is_receive_buffer_capped);

  options.receive_buffer_bytes = 0;
  const UdpGroup by_default = open_one(options);
  EXPECT_GT(by_default.receive_buffer_bytes, 0u);
  EXPECT_FALSE(by_default.is_receive_buffer_capped);
}

TEST(UdpSocketTest, SaysWhereTheReceiveBufferIsCapped) {
  // In a thread of its own, since capabilities that are gone do not come back.
  std::thread([] {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> none{};
    ASSERT_EQ(syscall(SYS_capset, &header, none.data()), 0);
    UdpOptions options = options_for("127.0.0.1:0");
    options.receive_buffer_bytes = 1'000'000'000;
    const UdpGroup group = open_one(options);
    EXPECT_TRUE(group.is_receive_buffer_capped);
    EXPECT_LT(group.receive_buffer_bytes, options.receive_buffer_bytes);
    EXPECT_GT(group.receive_buffer_bytes, 0u);
  }).join();
}

TEST(UdpSocketTest, CountsWhatTheKernelDrops) {
  UdpOptions options = options_for("127.0.0.1:0");
  options.receive_buffer_bytes = 5000;
  const UdpGroup group = open_one(options);
  const int fd = group.sockets[0].receive.get();
  EXPECT_EQ(kernel_drops(fd), 0u);
  UdpClient client(group.address);
  for (std::size_t i = 0; i < 100; ++i) client.send(pattern(1000, i));
  EXPECT_EQ(arrived_at(group.sockets[0].receive).size() + kernel_drops(fd), 100u);
  EXPECT_GT(kernel_drops(fd), 0u);
}

TEST(UdpSocketTest, AWildcardBecomesAGroupForEachAddress) {
  const std::string impossible = test::run_in_network_namespace([] {
    test::add_loopback_address(*IpAddress::parse("2001:db8::1"));
    test::add_loopback_address(*IpAddress::parse("2001:db8::2"));
    const std::vector<UdpGroup> groups = open_udp_groups(options_for("[::]:0", 2));
    ASSERT_EQ(groups.size(), 3u);
    const std::uint16_t port = groups[0].address.port;
    EXPECT_EQ(groups[0].address, (Endpoint{*IpAddress::parse("2001:db8::1"), port}));
    EXPECT_EQ(groups[1].address, (Endpoint{*IpAddress::parse("2001:db8::2"), port}));
    EXPECT_EQ(groups[2].address, (Endpoint{*IpAddress::parse("::"), port}));
    for (const UdpGroup& group : groups) {
      EXPECT_EQ(has_packet_info(group.sockets[0].receive.get()), &group == &groups[2]);
    }
    const std::array<const char*, 3> asked = {"2001:db8::1", "2001:db8::2", "::1"};
    for (std::size_t i = 0; i < asked.size(); ++i) {
      UdpClient({*IpAddress::parse(asked[i]), port}).send(pattern(1, i));
      EXPECT_EQ(arrived_at(groups[i].sockets[0].receive).size() +
                    arrived_at(groups[i].sockets[1].receive).size(),
                1u);
    }
  });
  if (!impossible.empty()) GTEST_SKIP() << impossible;
}

TEST(UdpSocketTest, ThisMachineHasIpv4) { EXPECT_TRUE(is_supported(Family::ipv4)); }

}  // namespace
}  // namespace aquatic::net
