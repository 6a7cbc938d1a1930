// SPDX-License-Identifier: Apache-2.0
// A client of a UDP server, as strict as real ones: its socket is connected, so it accepts
// responses only from the address that it asked.
#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::test {

class UdpClient {
 public:
  // Throws std::runtime_error where the machine has no such address.
  UdpClient(const Endpoint& server, std::optional<IpAddress> own_address = std::nullopt);

  Endpoint address() const;
  void send(Bytes payload);
  // The next response, or nothing after ten seconds without one.
  std::optional<std::vector<std::byte>> receive();

 private:
  FileDescriptor fd_;
};

// Whether this machine has the address: many have no IPv6.
bool is_local(const IpAddress& address);

// `count` bytes that differ with `seed`.
std::vector<std::byte> pattern(std::size_t count, std::size_t seed);

}  // namespace aquatic::test
