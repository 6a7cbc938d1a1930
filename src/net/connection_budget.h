// SPDX-License-Identifier: Apache-2.0
// How many connections there may be, in all and from one address; shared by all workers.
//
// An IPv6 address counts by its first 64 bits: whoever has one has all of them.
// Any thread may call anything.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/endpoint.h"
#include "base/ip_network.h"

namespace aquatic::net {

class ConnectionBudget {
 public:
  // 0 is no limit. An address of `exempt` may have any number: there, many stand behind one.
  ConnectionBudget(std::size_t max_connections, std::size_t max_per_ip, IpNetworks exempt = {});
  ~ConnectionBudget();
  ConnectionBudget(const ConnectionBudget&) = delete;
  ConnectionBudget& operator=(const ConnectionBudget&) = delete;

  // New limits. Connections that are there stay, however many they are. `exempt` remains.
  void set_limits(std::size_t max_connections, std::size_t max_per_ip) noexcept;

  // Counts a connection in; false, counting nothing, where that would be one too many.
  bool take(const IpAddress& ip) noexcept;
  // Counts it out. Requires: take() was true for the address, once for each call.
  void give_back(const IpAddress& ip) noexcept;

  std::size_t size() const noexcept;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace aquatic::net
