// SPDX-License-Identifier: Apache-2.0
// Which sockets a wildcard address stands for.
//
// A response has to leave from the address that was asked: clients drop others. With one address
// the kernel's choice is always right. With several, a socket bound to each is cheaper than
// noting the address with each datagram, but addresses come and go: a catch-all socket that does
// note it stands behind them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/endpoint.h"

namespace aquatic::net {

// What to do with a wildcard address. Any other address is one group of sockets, plain.
enum class AddressMode : std::uint8_t {
  automatic,    // `plain` with one address of the machine, `each` with several.
  packet_info,  // One group that notes the address with each datagram.
  each,         // A group for each address, and the catch-all.
  plain,        // One group; the routing table chooses the address of responses.
};

// More addresses than this are served by the catch-all alone: every group costs a thread and two
// sockets for each worker.
inline constexpr std::size_t kMaxAddressGroups = 8;

struct PlannedGroup {
  IpAddress address;
  bool has_packet_info = false;

  friend bool operator==(const PlannedGroup&, const PlannedGroup&) = default;
};

// The groups to open for `listen`, the one of `listen` itself last. `local` may be of both
// families; those of the other one count only where the sockets are `dual_stack`.
std::vector<PlannedGroup> plan_groups(const IpAddress& listen, bool dual_stack, AddressMode mode,
                                      std::span<const IpAddress> local);

// The addresses of interfaces that are up, each once; without loopback and link-local ones, which
// the kernel chooses rightly by their scope. Throws std::runtime_error.
std::vector<IpAddress> local_addresses();

}  // namespace aquatic::net
