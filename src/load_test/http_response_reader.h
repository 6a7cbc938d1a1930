// SPDX-License-Identifier: Apache-2.0
// Finds HTTP responses in what arrives on a connection.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/expected.h"

namespace aquatic::load_test {

struct HttpResponse {
  unsigned status = 0;
  Bytes body;               // Borrowed from the input.
  bool keeps_alive = true;  // Another one may follow on the connection.
  std::size_t bytes = 0;    // Head and body.
};

enum class HttpReadError : std::uint8_t {
  incomplete,
  malformed,  // Or too long, or with chunks: no announce needs them.
};

// A tracker that sends more for one request is not well; so many torrents nobody scrapes.
inline constexpr std::size_t kMaxHttpResponseBytes = 1 << 20;

// The response that `input` begins with. `has_ended`: nothing follows, which is how the end of a
// body without a length is found. Requires: the request was no HEAD.
Expected<HttpResponse, HttpReadError> read_http_response(Bytes input, bool has_ended) noexcept;

}  // namespace aquatic::load_test
