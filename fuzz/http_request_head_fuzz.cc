// SPDX-License-Identifier: Apache-2.0
// Decodes any bytes as the head of an HTTP request. What is accepted is what a reading by lines
// finds, more bytes change nothing, and written again it is read again.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "protocol/http/request_head.h"

namespace aquatic::http {
namespace {

using Result = Expected<std::size_t, HeadError>;

constexpr HeadLimits kLarge{.max_bytes = SIZE_MAX, .max_headers = RequestHead::kMaxHeaders};
// Small, so that inputs reach them.
constexpr HeadLimits kSmall{.max_bytes = 200, .max_headers = 4};

constexpr std::size_t kMaxCuts = 32;

bool is_incomplete(const Result& result) {
  return !result && result.error() == HeadError::incomplete;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  CHECK(end != std::string_view::npos);
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

void check_header(const Header& header, std::string_view line) {
  CHECK(!header.name.empty() && !line.empty());
  CHECK(line.find(':') == header.name.size() && line.starts_with(header.name));
  std::string_view value = line.substr(header.name.size() + 1);
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  CHECK(header.value == value);
}

// `text` is what was taken for the head.
void check_lines(const RequestHead& head, std::string_view text) {
  while (text.starts_with("\r\n")) text.remove_prefix(2);
  CHECK(take_line(text) == std::string(head.method) + " " + std::string(head.target) + " HTTP/1." +
                               std::to_string(head.minor_version));
  for (const Header& header : head.headers()) check_header(header, take_line(text));
  CHECK(take_line(text).empty() && text.empty());
}

// Where a body ends must not be a matter of opinion.
void check_framing(const RequestHead& head) {
  std::size_t lengths = 0;
  std::size_t codings = 0;
  std::size_t hosts = 0;
  for (const Header& header : head.headers()) {
    hosts += equals_ignoring_case(header.name, "host") ? 1 : 0;
    codings += equals_ignoring_case(header.name, "transfer-encoding") ? 1 : 0;
    if (!equals_ignoring_case(header.name, "content-length")) continue;
    ++lengths;
    CHECK(!header.value.empty());
    CHECK(header.value.find_first_not_of("0123456789") == std::string_view::npos);
  }
  CHECK(hosts <= 1 && lengths + codings <= 1);
  CHECK(head.has_chunked_body == (codings == 1));
  CHECK(head.content_length == 0 || lengths == 1);
  CHECK(!head.has_chunked_body || head.minor_version == 1);
}

// As a GET request of our own with the same headers, but for those that the encoder decides on.
void check_encoded(const RequestHead& head) {
  std::string_view host;
  std::vector<Header> others;
  for (const Header& header : head.headers()) {
    if (equals_ignoring_case(header.name, "host")) {
      host = header.value;
    } else if (!equals_ignoring_case(header.name, "connection")) {
      others.push_back(header);
    }
  }
  const std::size_t own_headers = head.keeps_alive ? 1 : 2;
  if (others.size() + own_headers > RequestHead::kMaxHeaders || head.has_chunked_body) return;
  ByteBuffer out;
  encode({.target = head.target, .host = host, .keeps_alive = head.keeps_alive, .headers = others},
         out);
  RequestHead again;
  CHECK(decode_request_head(out.bytes(), kLarge, again) == out.size());
  CHECK(again.method == "GET" && again.target == head.target);
  CHECK(again.keeps_alive == head.keeps_alive);
  CHECK(again.content_length == head.content_length);
  CHECK(again.headers().size() == others.size() + own_headers);
  CHECK(again.headers()[0].value == host);
  for (std::size_t i = 0; i < others.size(); ++i) {
    CHECK(again.headers()[own_headers + i].name == others[i].name);
    CHECK(again.headers()[own_headers + i].value == others[i].value);
  }
}

// A peer may send its head in any pieces.
void check_cuts(Bytes input, const HeadLimits& limits, const Result& whole) {
  RequestHead head;
  for (std::size_t size = 0; size < input.size(); size += 1 + input.size() / kMaxCuts) {
    // A copy, so that AddressSanitizer sees a step too far.
    const std::vector<std::byte> cut(input.begin(), input.begin() + std::ptrdiff_t(size));
    const Result result = decode_request_head(cut, limits, head);
    CHECK(is_incomplete(result) || result == whole);
  }
  std::vector<std::byte> more(input.begin(), input.end());
  for (const char c : {'\n', 'x', ':', '\r', '\n', '\r', '\n'}) {
    more.push_back(static_cast<std::byte>(c));
    if (!is_incomplete(whole)) CHECK(decode_request_head(more, limits, head) == whole);
  }
}

Result check_with(const HeadLimits& limits, Bytes input) {
  RequestHead head;
  const Result result = decode_request_head(input, limits, head);
  check_cuts(input, limits, result);
  if (is_incomplete(result)) CHECK(input.size() < limits.max_bytes);
  if (!result) return result;
  CHECK(*result <= input.size() && *result <= limits.max_bytes);
  CHECK(head.headers().size() <= limits.max_headers);
  check_lines(head, as_text(input.first(*result)));
  check_framing(head);
  check_encoded(head);
  CHECK(is_incomplete(decode_request_head(input.first(*result - 1), limits, head)));
  return result;
}

void check(Bytes input) {
  const Result large = check_with(kLarge, input);
  const Result small = check_with(kSmall, input);
  if (small) CHECK(large == small);
}

}  // namespace
}  // namespace aquatic::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::http::check(std::as_bytes(std::span(data, size)));
  return 0;
}
