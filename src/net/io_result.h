// SPDX-License-Identifier: Apache-2.0
// The outcome of a step on a non-blocking socket, with TLS or without.
#pragma once
#include <cstddef>
#include <cstdint>

namespace aquatic::net {

struct IoResult {
  enum class Status : std::uint8_t {
    done,         // For read and write: `bytes` of them, at least one.
    wants_read,   // Call again when the socket is readable.
    wants_write,  // Call again, with the same bytes, when the socket is writable.
    closed,       // The peer has closed.
    failed,       // Broken, or not TLS at all.
  };
  Status status = Status::done;
  std::size_t bytes = 0;
};

}  // namespace aquatic::net
