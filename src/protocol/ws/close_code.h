// SPDX-License-Identifier: Apache-2.0
// Why a WebSocket connection ends (RFC 6455 §7.4).
#pragma once
#include <cstdint>

namespace aquatic::ws {

// Those that we send. Peers send any that is_sendable().
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  invalid_text = 1007,
  policy_violation = 1008,
  too_large = 1009,
  internal_error = 1011,
  try_again_later = 1013,
};

// Whether the code may stand in a close frame: the protocol's own, those registered since, and
// what libraries and applications may define. The others are reserved, 1005, 1006 and 1015 for
// saying that there was no such frame.
constexpr bool is_sendable(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace aquatic::ws
