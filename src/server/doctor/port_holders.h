// SPDX-License-Identifier: Apache-2.0
// Who has a port: processes with a socket that listens on it, as far as /proc shows them. Those of
// other users show only to root.
//
// Control plane only.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "base/endpoint.h"

namespace aquatic::server {

struct PortHolder {
  std::string program;  // Its first 15 characters, which is what the kernel keeps.
  int pid = 0;

  friend bool operator==(const PortHolder&, const PortHolder&) = default;
};

// What is looked at of a busy machine; whoever is beyond that is not found.
inline constexpr std::size_t kMaxSocketsSeen = 65'536;  // Of a table. Listeners come first.
inline constexpr std::size_t kMaxProcessesSeen = 32'768;
inline constexpr std::size_t kMaxFilesSeen = 4'096;  // Of a process.

// Those that keep others from binding a socket of `type`, SOCK_STREAM or SOCK_DGRAM, to the
// address; by process number. Files are looked up below `root`.
std::vector<PortHolder> find_port_holders(const std::string& root, const Endpoint& address,
                                          int type);

}  // namespace aquatic::server
