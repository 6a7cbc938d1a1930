// SPDX-License-Identifier: Apache-2.0
// Reads the PROXY header from a socket, and not one byte of what follows: that may be for TLS.
#pragma once
#include <cstdint>

#include "base/byte_buffer.h"
#include "base/expected.h"
#include "net/proxy_header.h"
#include "net/stream_socket.h"

namespace aquatic::net {

enum class ProxyGreetingError : std::uint8_t {
  incomplete,  // Call again when the socket is readable.
  malformed,
  closed,  // By the peer, before the end of the header.
  broken,
};

// Takes as much of the header as has arrived. `begun` keeps its beginning between calls, and is
// released once it is whole. Requires: `scratch` has kMaxProxyHeaderBytes.
Expected<ProxyHeader, ProxyGreetingError> read_proxy_header(StreamSocket& socket, ByteBuffer& begun,
                                                            MutableBytes scratch) noexcept;

}  // namespace aquatic::net
