// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 responses (RFC 9112 §4): heads encoded and decoded, and chunks of a body.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/expected.h"

namespace aquatic::http {

enum class StatusCode : std::uint16_t {
  ok = 200,
  found = 302,
  bad_request = 400,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  request_timeout = 408,
  content_too_large = 413,
  uri_too_long = 414,
  expectation_failed = 417,
  header_fields_too_large = 431,
  service_unavailable = 503,
  version_not_supported = 505,
};

std::string_view reason_phrase(StatusCode code) noexcept;

// How the end of the body is found.
enum class BodyLength : std::uint8_t { known, chunked, until_close };

struct ResponseHead {
  StatusCode status = StatusCode::ok;
  std::string_view content_type = "text/plain";
  BodyLength body_length = BodyLength::known;
  std::uint64_t content_length = 0;  // Of a body of known length.
  // Says `Connection: close`, or `keep-alive` to a peer of HTTP/1.0 who has asked for it; by
  // default nothing is said, and the connection of HTTP/1.1 stays.
  enum class Connection : std::uint8_t {
    unsaid,
    close,
    keep_alive
  } connection = Connection::unsaid;
  std::optional<std::uint32_t> retry_after_s = {};
  std::string_view allow = {};          // Methods, for method_not_allowed.
  std::string_view further_lines = {};  // Whole header lines, each with its end.

  // Upper limit of what encode() appends beside further_lines. Requires: content_type and allow of
  // 64 bytes at most.
  static constexpr std::size_t kMaxBytes = 512;
};
void encode(const ResponseHead& head, ByteBuffer& out);

// A chunk of a chunked body (RFC 9112 §7.1) around what was appended since `begin`, an earlier
// size of `out`. Nothing appended makes no chunk: an empty one would end the body.
void end_chunk(ByteBuffer& out, std::size_t begin);
// What comes after the last chunk.
void end_chunked_body(ByteBuffer& out);

// What a client sees of a response head.
struct ReceivedHead {
  unsigned status = 0;
  unsigned minor_version = 1;
  bool keeps_alive = true;
  bool has_chunked_body = false;
  std::optional<std::uint64_t> content_length = {};
  std::size_t bytes = 0;  // How long the head is.
};

enum class ResponseHeadError : std::uint8_t { incomplete, malformed };

// Requires nothing of `input`; heads above `max_bytes` are malformed.
Expected<ReceivedHead, ResponseHeadError> decode_response_head(
    Bytes input, std::size_t max_bytes = 8192) noexcept;

}  // namespace aquatic::http
