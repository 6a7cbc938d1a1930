// SPDX-License-Identifier: Apache-2.0
// Networks of IP addresses in CIDR notation (RFC 4632, RFC 4291 §2.3), as operators write them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"

namespace aquatic {

struct IpNetwork {
  IpAddress address;           // Its bits after the prefix are zero.
  unsigned prefix_length = 0;  // At most 32 for IPv4, 128 for IPv6.

  // Reads "10.0.0.0/8", "2001:db8::/32", or an address, which is a network of one.
  // Refuses bits after the prefix, which are always a mistake.
  static std::optional<IpNetwork> parse(std::string_view text);
  std::string to_string() const;

  bool contains(const IpAddress& ip) const noexcept;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

// A list of networks, small enough to look through.
struct IpNetworks {
  std::vector<IpNetwork> networks;

  // Reads networks with commas and spaces between them; empty text is none.
  static std::optional<IpNetworks> parse(std::string_view text);
  std::string to_string() const;

  bool contain(const IpAddress& ip) const noexcept;

  friend bool operator==(const IpNetworks&, const IpNetworks&) = default;
};

}  // namespace aquatic
