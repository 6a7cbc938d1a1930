// SPDX-License-Identifier: Apache-2.0
// The control message that tells which of our addresses a datagram was sent to, and makes its
// response leave from there (IP_PKTINFO, IPV6_PKTINFO).
//
// Needed where a socket is bound to all addresses of a machine that has several: clients drop
// responses from an address that they did not ask. Costs 7 % on IPv4 and 26 % on IPv6.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

#include "base/bytes.h"

namespace aquatic::net {

// Room for the control message of either family; the one of IPv6 is the longer.
inline constexpr std::size_t kPacketInfoBytes = CMSG_SPACE(sizeof(in6_pktinfo));

// Has the kernel add the message to every datagram; on a dual-stack socket IPv4 too comes in the
// form of IPv6. Returns whether it agreed.
bool enable_packet_info(int fd, int family) noexcept;
bool has_packet_info(int fd) noexcept;

// Turns the control messages of a request into those of its response, in place, and returns the
// part to send: empty where there is no packet information.
MutableBytes to_response_control(MutableBytes received) noexcept;

}  // namespace aquatic::net
