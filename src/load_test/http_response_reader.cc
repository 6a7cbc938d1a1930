// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_response_reader.h"

#include "protocol/http/response_head.h"

namespace aquatic::load_test {

Expected<HttpResponse, HttpReadError> read_http_response(Bytes input, bool has_ended) noexcept {
  const Unexpected<HttpReadError> malformed(HttpReadError::malformed);
  // What is cut off will never be complete.
  const Unexpected<HttpReadError> cut(has_ended ? HttpReadError::malformed
                                                : HttpReadError::incomplete);
  const auto head = http::decode_response_head(input);
  if (!head) return head.error() == http::ResponseHeadError::incomplete ? cut : malformed;
  if (head->has_chunked_body) return malformed;
  const Bytes rest = input.subspan(head->bytes);
  if (!head->content_length) {
    if (rest.size() > kMaxHttpResponseBytes) return malformed;
    if (!has_ended) return cut;
    return HttpResponse{head->status, rest, false, input.size()};
  }
  if (*head->content_length > kMaxHttpResponseBytes) return malformed;
  const auto body_bytes = static_cast<std::size_t>(*head->content_length);
  if (rest.size() < body_bytes) return cut;
  return HttpResponse{head->status, rest.first(body_bytes), head->keeps_alive,
                      head->bytes + body_bytes};
}

}  // namespace aquatic::load_test
