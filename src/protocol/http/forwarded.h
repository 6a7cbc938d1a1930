// SPDX-License-Identifier: Apache-2.0
// Who asks, when proxies stand between: X-Forwarded-For and its like, and Forwarded (RFC 7239).
//
// Each proxy adds, on the right, the address that it was asked from. What an honest proxy has
// added can be believed, everything to the left of it is whatever the peer has sent. So addresses
// are read from the right, past those of trusted proxies, up to the first other one.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/endpoint.h"
#include "base/expected.h"
#include "base/ip_network.h"
#include "protocol/http/request_head.h"

namespace aquatic::http {

enum class ForwardedFormat : std::uint8_t {
  address_list,  // "203.0.113.7, 10.0.0.1", addresses with or without port: X-Forwarded-For.
  rfc7239,       // "for=203.0.113.7;proto=https, for=\"[2001:db8::1]:4711\"": Forwarded.
};

enum class ForwardedError : std::uint8_t {
  missing,    // No header of this name, or nothing in it.
  malformed,  // Not of the format, as far as it had to be read.
  unknown,    // The proxy hides it: "unknown" or an obfuscated identifier (RFC 7239 §6.2, §6.3).
};

// The right-most address that is no trusted proxy's; the left-most one if all are. Several headers
// of the name count as one, joined in their order (RFC 9110 §5.3).
Expected<IpAddress, ForwardedError> forwarded_address(const RequestHead& head,
                                                      std::string_view header_name,
                                                      ForwardedFormat format,
                                                      const IpNetworks& trusted) noexcept;

}  // namespace aquatic::http
