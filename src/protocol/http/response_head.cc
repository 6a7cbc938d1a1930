// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/response_head.h"

#include <charconv>
#include <cstring>

#include "base/check.h"
#include "protocol/decimal.h"
#include "protocol/http/header_list.h"

namespace aquatic::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxTextBytes = 64;  // Of content_type and allow.

void append_text_header(std::string_view name, std::string_view value, ByteBuffer& out) {
  CHECK(value.size() <= kMaxTextBytes);
  out.append(name);
  out.append(value);
  out.append(kLineEnd);
}

void append_number_header(std::string_view name, std::uint64_t value, ByteBuffer& out) {
  out.append(name);
  append_decimal(value, out);
  out.append(kLineEnd);
}

// The line that `rest` begins with, without its end; `rest` is moved behind it.
std::optional<std::string_view> next_line(std::string_view& rest) noexcept {
  const std::size_t end = rest.find(kLineEnd);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + kLineEnd.size());
  return line;
}

// "HTTP/1.1 200 OK"; some leave out the phrase and the space before it.
bool read_status_line(std::string_view line, ReceivedHead& head) noexcept {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kStatusAt = kVersion.size() + 2;
  constexpr std::size_t kStatusDigits = 3;
  if (line.size() < kStatusAt + kStatusDigits || !line.starts_with(kVersion)) return false;
  const char minor = line[kVersion.size()];
  if ((minor != '0' && minor != '1') || line[kStatusAt - 1] != ' ') return false;
  const auto status = parse_decimal<unsigned>(line.substr(kStatusAt, kStatusDigits));
  const std::string_view phrase = line.substr(kStatusAt + kStatusDigits);
  if (!status || *status < 100 || (!phrase.empty() && phrase[0] != ' ')) return false;
  head.status = *status;
  head.minor_version = minor == '0' ? 0 : 1;
  return true;
}

bool read_header(std::string_view line, ReceivedHead& head, ConnectionOptions& options) noexcept {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  // No space before the colon, no line that goes on with an earlier one (RFC 9112 §5.1, §5.2).
  if (name.empty() || name.find_first_of(" \t") != std::string_view::npos) return false;
  if (equals_ignoring_case(name, "connection")) options.add(value);
  if (equals_ignoring_case(name, "content-length")) {
    if (head.content_length || head.has_chunked_body) return false;
    head.content_length = parse_decimal<std::uint64_t>(value);
    return head.content_length.has_value();
  }
  if (equals_ignoring_case(name, "transfer-encoding")) {
    if (head.content_length || head.has_chunked_body) return false;
    head.has_chunked_body = equals_ignoring_case(value, "chunked");
    return head.has_chunked_body;
  }
  return true;
}

Expected<ReceivedHead, ResponseHeadError> read_whole(std::string_view text) noexcept {
  const Unexpected<ResponseHeadError> malformed(ResponseHeadError::malformed);
  ReceivedHead head;
  head.bytes = text.size();
  if (text.find('\0') != std::string_view::npos) return malformed;
  if (!read_status_line(next_line(text).value_or(""), head)) return malformed;
  ConnectionOptions options;
  for (;;) {
    const auto line = next_line(text);
    if (!line || line->find_first_of(kLineEnd) != std::string_view::npos) return malformed;
    if (line->empty()) break;
    if (!read_header(*line, head, options)) return malformed;
  }
  head.keeps_alive = options.keeps_alive(head.minor_version);
  return head;
}

}  // namespace

std::string_view reason_phrase(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::ok: return "OK";
    case StatusCode::found: return "Found";
    case StatusCode::bad_request: return "Bad Request";
    case StatusCode::forbidden: return "Forbidden";
    case StatusCode::not_found: return "Not Found";
    case StatusCode::method_not_allowed: return "Method Not Allowed";
    case StatusCode::request_timeout: return "Request Timeout";
    case StatusCode::content_too_large: return "Content Too Large";
    case StatusCode::uri_too_long: return "URI Too Long";
    case StatusCode::expectation_failed: return "Expectation Failed";
    case StatusCode::header_fields_too_large: return "Request Header Fields Too Large";
    case StatusCode::service_unavailable: return "Service Unavailable";
    case StatusCode::version_not_supported: return "HTTP Version Not Supported";
  }
  return "";
}

void encode(const ResponseHead& head, ByteBuffer& out) {
  out.room(ResponseHead::kMaxBytes + head.further_lines.size());  // Grows once, if at all.
  out.append("HTTP/1.1 ");
  append_decimal(static_cast<std::uint16_t>(head.status), out);
  out.append(" ");
  out.append(reason_phrase(head.status));
  out.append(kLineEnd);
  if (!head.content_type.empty()) append_text_header("Content-Type: ", head.content_type, out);
  switch (head.body_length) {
    case BodyLength::known:
      append_number_header("Content-Length: ", head.content_length, out);
      break;
    case BodyLength::chunked: append_text_header("Transfer-Encoding: ", "chunked", out); break;
    case BodyLength::until_close: break;
  }
  switch (head.connection) {
    case ResponseHead::Connection::unsaid: break;
    case ResponseHead::Connection::close: append_text_header("Connection: ", "close", out); break;
    case ResponseHead::Connection::keep_alive:
      append_text_header("Connection: ", "keep-alive", out);
      break;
  }
  if (head.retry_after_s) append_number_header("Retry-After: ", *head.retry_after_s, out);
  if (!head.allow.empty()) append_text_header("Allow: ", head.allow, out);
  out.append(head.further_lines);
  out.append(kLineEnd);
}

void end_chunk(ByteBuffer& out, std::size_t begin) {
  CHECK(begin <= out.size());
  const std::size_t bytes = out.size() - begin;
  if (bytes == 0) return;
  // The size comes before what it is the size of.
  std::array<char, 2 * sizeof(bytes)> digits;
  const char* const digits_end =
      std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16).ptr;
  const auto digit_count = static_cast<std::size_t>(digits_end - digits.data());
  const std::size_t size_bytes = digit_count + kLineEnd.size();
  out.room(size_bytes + kLineEnd.size());
  out.commit(size_bytes);
  std::byte* const chunk = out.bytes().data() + begin;
  std::memmove(chunk + size_bytes, chunk, bytes);
  std::memcpy(chunk, digits.data(), digit_count);
  std::memcpy(chunk + digit_count, kLineEnd.data(), kLineEnd.size());
  out.append(kLineEnd);
}

void end_chunked_body(ByteBuffer& out) { out.append("0\r\n\r\n"); }

Expected<ReceivedHead, ResponseHeadError> decode_response_head(Bytes input,
                                                               std::size_t max_bytes) noexcept {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  const std::string_view text = as_text(input).substr(0, max_bytes);
  const std::size_t end = text.find(kHeadEnd);
  if (end != std::string_view::npos) return read_whole(text.substr(0, end + kHeadEnd.size()));
  return Unexpected<ResponseHeadError>(text.size() == max_bytes ? ResponseHeadError::malformed
                                                                : ResponseHeadError::incomplete);
}

}  // namespace aquatic::http
