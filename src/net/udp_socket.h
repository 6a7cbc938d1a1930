// SPDX-License-Identifier: Apache-2.0
// Opens the UDP sockets of a tracker, before any worker exists.
//
// Workers share a port by SO_REUSEPORT and the kernel hands each datagram to one of them. Each
// worker has two sockets: one that it receives on, and one that only sends, so that responses
// leaving do not wake or lock the queue of requests arriving. Where no socket can be opened beside
// an inherited one, all workers share that one, for both. Control plane: throws.
#pragma once
#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/file_descriptor.h"
#include "net/local_addresses.h"

namespace aquatic::net {

struct UdpOptions {
  Endpoint address;              // Port 0 takes a free one, the same for all groups.
  std::size_t worker_count = 1;  // Pairs of sockets in each group.
  bool only_ipv6 = true;         // An IPv6 wildcard leaves IPv4 alone.
  AddressMode address_mode = AddressMode::automatic;
  std::uint32_t receive_buffer_bytes = 0;  // Of each worker's socket; 0 keeps the system default.
  // Picks the worker: classic BPF that starts at the payload and returns an index below
  // worker_count. Empty: at random.
  std::span<const sock_filter> steering;
};

struct UdpSocketPair {
  FileDescriptor receive;
  FileDescriptor send;  // The same socket as `receive` where the group is not steered, or shared.
};

// The sockets of one local address: sockets[i] gets what the steering program gives index i.
//
// They have to live and die together: when one is closed the kernel renumbers the others.
struct UdpGroup {
  Endpoint address;  // With the port that was bound.
  std::vector<UdpSocketPair> sockets;
  std::uint32_t receive_buffer_bytes = 0;  // What the kernel granted each.
  // It granted less than asked for: net.core.rmem_max is the limit without CAP_NET_ADMIN.
  bool is_receive_buffer_capped = false;
  // Why the kernel refused the steering program; it then spreads datagrams by their addresses.
  std::string steering_error;
  // All pairs are one and the same socket: what the kernel counts of one, it counts of all.
  bool is_shared = false;
};

// Opens the groups that `options.address` stands for (see local_addresses.h), the one of that very
// address last. `inherited`, if it is open, is bound to that address already, and becomes one of
// the last group; if it has to be shared, that group is the only one. Throws std::runtime_error
// with what an operator can do about it; a port that another process listens on is such a failure,
// although SO_REUSEPORT would share it silently. Requires: worker_count > 0.
std::vector<UdpGroup> open_udp_groups(const UdpOptions& options, FileDescriptor inherited = {});

// Whether this machine has the family at all: a kernel may come without IPv6.
bool is_supported(Family family) noexcept;

// Datagrams that the kernel dropped on the socket since it was opened; wraps at 2^32.
std::uint32_t kernel_drops(int fd) noexcept;

// Gives the group of `fd` its steering program. Returns 0 or what errno says.
// Requires: `fd` was bound with SO_REUSEPORT.
int attach_steering(int fd, std::span<const sock_filter> program) noexcept;

}  // namespace aquatic::net
