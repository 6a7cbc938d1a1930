// SPDX-License-Identifier: Apache-2.0
#include "net/packet_info.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "base/file_descriptor.h"

namespace aquatic::net {
namespace {

template <class Info>
struct Control {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(Info))> bytes{};

  Control(int level, int type, const Info& info) {
    const cmsghdr header{
        .cmsg_len = CMSG_LEN(sizeof(Info)), .cmsg_level = level, .cmsg_type = type};
    std::memcpy(bytes.data(), &header, sizeof(header));
    std::memcpy(bytes.data() + CMSG_LEN(0), &info, sizeof(info));
  }
};

template <class Info>
Info info_of(MutableBytes control) {
  EXPECT_EQ(control.size(), CMSG_LEN(sizeof(Info)));
  Info info;
  std::memcpy(&info, control.data() + CMSG_LEN(0), sizeof(info));
  return info;
}

in6_pktinfo ipv6_info(const char* address, unsigned interface_index) {
  in6_pktinfo info{};
  EXPECT_EQ(inet_pton(AF_INET6, address, &info.ipi6_addr), 1);
  info.ipi6_ifindex = interface_index;
  return info;
}

TEST(PacketInfoTest, KeepsTheIpv4AddressAndForgetsTheInterface) {
  in_pktinfo received{};
  received.ipi_ifindex = 3;
  received.ipi_spec_dst.s_addr = htonl(0x0a000001);
  Control<in_pktinfo> control(IPPROTO_IP, IP_PKTINFO, received);
  const auto sent = info_of<in_pktinfo>(to_response_control(control.bytes));
  EXPECT_EQ(sent.ipi_ifindex, 0);
  EXPECT_EQ(sent.ipi_spec_dst.s_addr, htonl(0x0a000001));
}

TEST(PacketInfoTest, KeepsTheIpv6AddressAndForgetsTheInterface) {
  Control<in6_pktinfo> control(IPPROTO_IPV6, IPV6_PKTINFO, ipv6_info("2001:db8::7", 3));
  const auto sent = info_of<in6_pktinfo>(to_response_control(control.bytes));
  const in6_pktinfo expected = ipv6_info("2001:db8::7", 0);
  EXPECT_EQ(std::memcmp(&sent, &expected, sizeof(sent)), 0);
}

TEST(PacketInfoTest, LinkLocalAddressesKeepTheirInterface) {
  Control<in6_pktinfo> control(IPPROTO_IPV6, IPV6_PKTINFO, ipv6_info("fe80::7", 3));
  EXPECT_EQ(info_of<in6_pktinfo>(to_response_control(control.bytes)).ipi6_ifindex, 3u);
}

TEST(PacketInfoTest, IgnoresWhatElseTheKernelTells) {
  EXPECT_TRUE(to_response_control({}).empty());
  Control<int> other(SOL_SOCKET, SO_RXQ_OVFL, 17);
  EXPECT_TRUE(to_response_control(other.bytes).empty());
  Control<in_pktinfo> cut_off(IPPROTO_IP, IP_PKTINFO, {});
  EXPECT_TRUE(to_response_control(std::span(cut_off.bytes).first(sizeof(cmsghdr) - 1)).empty());
}

TEST(PacketInfoTest, IsOffUntilEnabled) {
  for (const int family : {AF_INET, AF_INET6}) {
    const FileDescriptor fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_TRUE(fd.is_open());
    EXPECT_FALSE(has_packet_info(fd.get()));
    EXPECT_TRUE(enable_packet_info(fd.get(), family));
    EXPECT_TRUE(has_packet_info(fd.get()));
  }
}

}  // namespace
}  // namespace aquatic::net
