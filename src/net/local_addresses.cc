// SPDX-License-Identifier: Apache-2.0
#include "net/local_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/socket_address.h"

namespace aquatic::net {
namespace {

bool is_link_local(const IpAddress& address) {
  // 169.254.0.0/16 and fe80::/10.
  const auto bytes = address.bytes();
  if (address.is_v4()) return bytes[0] == std::byte{169} && bytes[1] == std::byte{254};
  return bytes[0] == std::byte{0xfe} && (bytes[1] & std::byte{0xc0}) == std::byte{0x80};
}

bool is_usable(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || (entry.ifa_flags & IFF_UP) == 0) return false;
  return entry.ifa_addr->sa_family == AF_INET || entry.ifa_addr->sa_family == AF_INET6;
}

}  // namespace

std::vector<PlannedGroup> plan_groups(const IpAddress& listen, bool dual_stack, AddressMode mode,
                                      std::span<const IpAddress> local) {
  if (!listen.is_unspecified() || mode == AddressMode::plain) return {{listen, false}};
  if (mode == AddressMode::packet_info) return {{listen, true}};

  const auto of_family = [&](Family family) {
    return std::ranges::count(local, family, &IpAddress::family);
  };
  const bool is_unambiguous =
      of_family(listen.family()) <= 1 && (!dual_stack || of_family(Family::ipv4) <= 1);
  if (mode == AddressMode::automatic && is_unambiguous) return {{listen, false}};

  std::vector<PlannedGroup> groups;
  if (of_family(listen.family()) <= static_cast<std::ptrdiff_t>(kMaxAddressGroups)) {
    for (const IpAddress& address : local) {
      if (address.family() == listen.family()) groups.push_back({address, false});
    }
  }
  groups.push_back({listen, true});
  return groups;
}

std::vector<IpAddress> local_addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) {
    throw std::runtime_error(std::string("cannot list the addresses of this machine: ") +
                             std::strerror(errno) +
                             "; listen on one address instead of the wildcard");
  }
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (!is_usable(*entry)) continue;
    SocketAddress address{.v6 = {}};
    std::memcpy(&address, entry->ifa_addr,
                entry->ifa_addr->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    const IpAddress ip = to_endpoint(address).ip;
    if (!ip.is_loopback() && !is_link_local(ip)) addresses.push_back(ip);
  }
  std::ranges::sort(addresses);
  addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
  return addresses;
}

}  // namespace aquatic::net
