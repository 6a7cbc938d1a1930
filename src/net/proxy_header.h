// SPDX-License-Identifier: Apache-2.0
// The PROXY protocol, versions 1 (text) and 2 (binary): what a proxy puts before the first byte of
// a connection to say whose it is. Source: HAProxy's proxy-protocol.txt, 2020-03-05.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/expected.h"

namespace aquatic::net {

struct ProxyHeader {
  // Whose connection it is; none if it is the proxy's own (LOCAL), or not of IP (UNKNOWN, UNIX).
  std::optional<Endpoint> source;
  std::size_t bytes = 0;  // How long the header is.
};

enum class ProxyHeaderError : std::uint8_t { incomplete, malformed };

// Headers of version 2 with more than this are refused; 536 is what every receiver has to take.
inline constexpr std::size_t kMaxProxyHeaderBytes = 1024;

// Decodes the header that `input` begins with.
Expected<ProxyHeader, ProxyHeaderError> decode_proxy_header(Bytes input) noexcept;

// Append a header for a connection over TCP. Requires: both of one family.
void encode_proxy_header_v1(const Endpoint& source, const Endpoint& destination, ByteBuffer& out);
void encode_proxy_header_v2(const Endpoint& source, const Endpoint& destination, ByteBuffer& out);

}  // namespace aquatic::net
