// SPDX-License-Identifier: Apache-2.0
// Decodes any bytes as the head of an HTTP response. More bytes change nothing, and the decoder of
// request heads, which is another, understands the same headers in the same way.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "protocol/http/request_head.h"
#include "protocol/http/response_head.h"

namespace aquatic::http {
namespace {

using Result = Expected<ReceivedHead, ResponseHeadError>;

constexpr std::size_t kLargeBytes = 8192;
constexpr std::size_t kSmallBytes = 150;  // So that inputs reach it.
constexpr std::size_t kMaxCuts = 32;

bool is_incomplete(const Result& result) {
  return !result && result.error() == ResponseHeadError::incomplete;
}

bool is_same(const Result& a, const Result& b) {
  if (!a || !b) return !a && !b && a.error() == b.error();
  return a->status == b->status && a->minor_version == b->minor_version &&
         a->keeps_alive == b->keeps_alive && a->has_chunked_body == b->has_chunked_body &&
         a->content_length == b->content_length && a->bytes == b->bytes;
}

// A server may send its head in any pieces.
void check_cuts(Bytes input, std::size_t max_bytes, const Result& whole) {
  for (std::size_t size = 0; size < input.size(); size += 1 + input.size() / kMaxCuts) {
    // A copy, so that AddressSanitizer sees a step too far.
    const std::vector<std::byte> cut(input.begin(), input.begin() + std::ptrdiff_t(size));
    const Result result = decode_response_head(cut, max_bytes);
    CHECK(is_incomplete(result) || is_same(result, whole));
  }
  std::vector<std::byte> more(input.begin(), input.end());
  for (const char c : {'\n', 'x', ':', '\r', '\n', '\r', '\n'}) {
    more.push_back(static_cast<std::byte>(c));
    if (!is_incomplete(whole)) CHECK(is_same(decode_response_head(more, max_bytes), whole));
  }
}

void check_as_request(const ReceivedHead& received, std::string_view text) {
  const std::string request = "GET / HTTP/1." + std::to_string(received.minor_version) +
                              std::string(text.substr(text.find("\r\n")));
  RequestHead head;
  const auto bytes = decode_request_head(as_bytes(request), {.max_bytes = SIZE_MAX}, head);
  if (!bytes) return;  // It is stricter.
  CHECK(*bytes == request.size());
  CHECK(head.keeps_alive == received.keeps_alive);
  CHECK(head.has_chunked_body == received.has_chunked_body);
  CHECK(head.content_length == received.content_length.value_or(0));
}

Result check_with(std::size_t max_bytes, Bytes input) {
  const Result result = decode_response_head(input, max_bytes);
  check_cuts(input, max_bytes, result);
  if (is_incomplete(result)) CHECK(input.size() < max_bytes);
  if (!result) return result;
  CHECK(result->bytes <= input.size() && result->bytes <= max_bytes);
  CHECK(result->status >= 100 && result->status <= 999 && result->minor_version <= 1);
  CHECK(!(result->has_chunked_body && result->content_length));
  check_as_request(*result, as_text(input.first(result->bytes)));
  CHECK(is_incomplete(decode_response_head(input.first(result->bytes - 1), max_bytes)));
  return result;
}

void check(Bytes input) {
  const Result large = check_with(kLargeBytes, input);
  const Result small = check_with(kSmallBytes, input);
  if (small) CHECK(is_same(large, small));
}

}  // namespace
}  // namespace aquatic::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::http::check(std::as_bytes(std::span(data, size)));
  return 0;
}
