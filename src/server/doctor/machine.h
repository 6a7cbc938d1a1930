// SPDX-License-Identifier: Apache-2.0
// What the system says of this machine and this process, read when asked. A test puts files of its
// own in their place.
//
// Control plane only.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/doctor/port_holders.h"

namespace aquatic::server {

class Machine {
 public:
  // Files are looked up below `root`; limits and the clock are those of this process.
  explicit Machine(std::string root = "");
  virtual ~Machine() = default;

  // The first number of a file such as /proc/sys/net/core/rmem_max; nothing if it is not there.
  std::optional<std::uint64_t> number(std::string_view path) const;
  // The number behind a word at the beginning of a line, as in /proc/meminfo: "MemAvailable:".
  std::optional<std::uint64_t> number_of(std::string_view path, std::string_view word) const;
  // A named column of /proc/net/snmp and its like, where a line of names stands over one of
  // numbers: ("/proc/net/snmp", "Udp:", "RcvbufErrors").
  std::optional<std::uint64_t> column(std::string_view path, std::string_view table,
                                      std::string_view name) const;

  std::vector<PortHolder> port_holders(const Endpoint& address, int type) const {
    return find_port_holders(root_, address, type);
  }

  // The hard limits, which the tracker may raise its own to; UINT64_MAX is none.
  virtual std::uint64_t max_open_files() const;
  virtual std::chrono::system_clock::time_point now() const;
  // Whether something keeps the clock right, as far as the kernel knows.
  virtual bool is_clock_kept() const;
  // What errno says where this process asks for a ring of io_uring as the tracker does; 0 if it
  // gets one.
  virtual int io_uring_error() const;

 private:
  std::optional<std::string> read(std::string_view path) const;

  const std::string root_;
};

}  // namespace aquatic::server
