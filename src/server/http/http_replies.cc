// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_replies.h"

namespace aquatic::server {
namespace {

// How long a peer for whose connection there was no room is asked to stay away: as long as it takes
// until most of the others have announced, and gone.
constexpr std::uint32_t kRetryAfterS = 120;

}  // namespace

std::string_view text_of(http::StatusCode status) noexcept {
  switch (status) {
    case http::StatusCode::bad_request: return "This is no HTTP request.\n";
    case http::StatusCode::not_found:
      return "This is a BitTorrent tracker. Torrent clients reach it at the path /announce.\n";
    case http::StatusCode::forbidden: return "Pages of this site may not connect.\n";
    case http::StatusCode::method_not_allowed: return "This tracker takes GET and HEAD.\n";
    case http::StatusCode::request_timeout: return "The request took too long.\n";
    case http::StatusCode::content_too_large: return "This tracker takes no request bodies.\n";
    case http::StatusCode::expectation_failed: return "The expectation cannot be met.\n";
    case http::StatusCode::header_fields_too_large: return "The request is too large.\n";
    case http::StatusCode::service_unavailable: return "There are too many connections.\n";
    case http::StatusCode::version_not_supported: return "This tracker speaks HTTP/1.1.\n";
    default: return "";
  }
}

http::StatusCode status_of(http::HeadError error) noexcept {
  switch (error) {
    case http::HeadError::unknown_version: return http::StatusCode::version_not_supported;
    case http::HeadError::too_large:
    case http::HeadError::too_many_headers: return http::StatusCode::header_fields_too_large;
    default: return http::StatusCode::bad_request;
  }
}

void settle_connection(net::StreamTurn& turn, const http::RequestHead& request, bool keeps_alive,
                       http::ResponseHead& response) noexcept {
  using Connection = http::ResponseHead::Connection;
  turn.is_last = !keeps_alive || !request.keeps_alive;
  if (turn.is_last) {
    response.connection = Connection::close;
  } else if (request.minor_version == 0) {
    response.connection = Connection::keep_alive;
  }
}

void respond(net::StreamTurn& turn, const http::RequestHead& request, bool keeps_alive,
             http::ResponseHead response, std::string_view body) noexcept {
  response.content_length = body.size();
  settle_connection(turn, request, keeps_alive, response);
  http::encode(response, turn.output);
  if (request.method != "HEAD") turn.output.append(body);
}

void refuse_stream(net::StreamTurn& turn, http::StatusCode status) noexcept {
  const std::string_view text = text_of(status);
  http::ResponseHead response;
  response.status = status;
  response.content_length = text.size();
  response.connection = http::ResponseHead::Connection::close;
  if (status == http::StatusCode::service_unavailable) response.retry_after_s = kRetryAfterS;
  http::encode(response, turn.output);
  turn.output.append(text);
  turn.is_last = true;
}

}  // namespace aquatic::server
