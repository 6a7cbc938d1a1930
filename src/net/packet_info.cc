// SPDX-License-Identifier: Apache-2.0
#include "net/packet_info.h"

#include <cstring>

namespace aquatic::net {
namespace {

bool is_set(int fd, int level, int option) noexcept {
  int value = 0;
  socklen_t length = sizeof(value);
  return getsockopt(fd, level, option, &value, &length) == 0 && value != 0;
}

// The interface of a request must not bind its response to it: with several uplinks the way back
// may be another. Only a link-local address means nothing without its interface.
void forget_interface(cmsghdr& header) noexcept {
  if (header.cmsg_level == IPPROTO_IP) {
    in_pktinfo info;
    std::memcpy(&info, CMSG_DATA(&header), sizeof(info));
    info.ipi_ifindex = 0;
    std::memcpy(CMSG_DATA(&header), &info, sizeof(info));
  } else {
    in6_pktinfo info;
    std::memcpy(&info, CMSG_DATA(&header), sizeof(info));
    if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) return;
    info.ipi6_ifindex = 0;
    std::memcpy(CMSG_DATA(&header), &info, sizeof(info));
  }
}

bool is_packet_info(const cmsghdr& header) noexcept {
  if (header.cmsg_level == IPPROTO_IP) {
    return header.cmsg_type == IP_PKTINFO && header.cmsg_len >= CMSG_LEN(sizeof(in_pktinfo));
  }
  return header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_PKTINFO &&
         header.cmsg_len >= CMSG_LEN(sizeof(in6_pktinfo));
}

}  // namespace

bool enable_packet_info(int fd, int family) noexcept {
  const int on = 1;
  return family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0
                           : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0;
}

bool has_packet_info(int fd) noexcept {
  return is_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) || is_set(fd, IPPROTO_IP, IP_PKTINFO);
}

MutableBytes to_response_control(MutableBytes received) noexcept {
  msghdr message{};
  message.msg_control = received.data();
  message.msg_controllen = received.size();
  // At most kPacketInfoBytes / sizeof(cmsghdr) rounds.
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (!is_packet_info(*header)) continue;
    forget_interface(*header);
    return {reinterpret_cast<std::byte*>(header), header->cmsg_len};
  }
  return {};
}

}  // namespace aquatic::net
