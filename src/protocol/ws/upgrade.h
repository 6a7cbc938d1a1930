// SPDX-License-Identifier: Apache-2.0
// How a connection of HTTP becomes one of WebSocket (RFC 6455 §4), on both sides.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/expected.h"

namespace aquatic::http {
struct RequestHead;
}

namespace aquatic::ws {

struct Upgrade {
  std::string_view key;     // Of Sec-WebSocket-Key: borrowed from the head.
  std::string_view origin;  // Of Origin (RFC 6454), which browsers send; empty where there is none.
};

enum class UpgradeError : std::uint8_t {
  not_asked_for,  // An ordinary request: no `Upgrade: websocket`.
  malformed,      // Not GET, not HTTP/1.1, no `Connection: Upgrade`, a body, or no key of 16 bytes.
  bad_version,    // Sec-WebSocket-Version is not 13 or absent: answered with 426 and ours.
};

// Header names and tokens are taken in any case. Repeated keys or origins are malformed.
Expected<Upgrade, UpgradeError> decode_upgrade(const http::RequestHead& head) noexcept;

// Appends the response that switches protocols (§4.2.2). No extension and no subprotocol is
// accepted, whatever was offered.
void encode_upgrade_response(std::string_view key, ByteBuffer& out);
// Appends the refusal of a version (§4.2.2, 426), after which the connection is closed.
void encode_version_refusal(ByteBuffer& out);

// The peer's side. Appends the request; `nonce` is random.
void encode_upgrade_request(std::string_view host, std::string_view target,
                            std::span<const std::byte, 16> nonce, ByteBuffer& out);

enum class UpgradeResponseError : std::uint8_t {
  incomplete,
  refused,    // Another status than 101.
  malformed,  // Or the wrong Sec-WebSocket-Accept.
};
// How long the head is, if it accepts the request with this nonce.
Expected<std::size_t, UpgradeResponseError> decode_upgrade_response(
    Bytes input, std::span<const std::byte, 16> nonce) noexcept;

}  // namespace aquatic::ws
