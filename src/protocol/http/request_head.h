// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP/1.0 or HTTP/1.1 request (RFC 9112 §2, §3), decoded and encoded.
//
// A decoded head borrows from the bytes it was decoded from.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/expected.h"
#include "protocol/http/header_list.h"

namespace aquatic::http {

struct Header {
  std::string_view name;
  std::string_view value;  // Without the white space around it.
};

struct RequestHead {
  // What there is room for, whatever the settings say.
  static constexpr std::size_t kMaxHeaders = 100;

  std::string_view method;
  std::string_view target;
  unsigned minor_version = 1;  // Of HTTP/1.x: 0 or 1.

  // What follows from the headers.
  bool keeps_alive = true;        // The peer wants the connection to stay (RFC 9112 §9.3).
  bool expects_continue = false;  // `Expect: 100-continue` (RFC 9110 §10.1.1).
  bool has_other_expectation = false;
  bool has_chunked_body = false;
  std::uint64_t content_length = 0;

  std::span<const Header> headers() const noexcept { return {header_slots.data(), header_count}; }
  bool has_body() const noexcept { return has_chunked_body || content_length > 0; }

  std::array<Header, kMaxHeaders> header_slots;
  std::size_t header_count = 0;
};

struct HeadLimits {
  std::size_t max_bytes = 8192;  // Up to and with the empty line at the end.
  std::size_t max_headers = RequestHead::kMaxHeaders;
};

enum class HeadError : std::uint8_t {
  incomplete,        // More bytes are needed, and the limits allow for more.
  malformed,         // Not HTTP/1.x, or ambiguous: what other servers may read differently.
  unknown_version,   // HTTP, but neither 1.0 nor 1.1.
  too_large,         // More than max_bytes.
  too_many_headers,  // More than max_headers.
};

// Decodes the head that `input` begins with and returns how many bytes it is long. Empty lines
// before it are passed over (RFC 9112 §2.2) and count. Once the result is not `incomplete` more
// bytes do not change it; max_bytes bytes are never `incomplete`. `head` is only meaningful after
// success.
Expected<std::size_t, HeadError> decode_request_head(Bytes input, const HeadLimits& limits,
                                                     RequestHead& head) noexcept;

// Appends a GET request without a body.
struct GetRequest {
  std::string_view target = {};
  std::string_view host = {};
  bool keeps_alive = true;
  std::span<const Header> headers = {};  // Further ones.
};
void encode(const GetRequest& request, ByteBuffer& out);

}  // namespace aquatic::http
