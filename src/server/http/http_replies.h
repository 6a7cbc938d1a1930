// SPDX-License-Identifier: Apache-2.0
// What every handler of HTTP requests says in the same way: how a response goes out, and how what
// is no request is refused.
//
// Does no I/O, reads no clock, throws nothing.
#pragma once
#include <string_view>

#include "net/stream_handler.h"
#include "protocol/http/request_head.h"
#include "protocol/http/response_head.h"

namespace aquatic::server {

// A text for people, of one line.
std::string_view text_of(http::StatusCode status) noexcept;

http::StatusCode status_of(http::HeadError error) noexcept;

// Says in `response` what becomes of the connection after the answer to `request`, and does it.
void settle_connection(net::StreamTurn& turn, const http::RequestHead& request, bool keeps_alive,
                       http::ResponseHead& response) noexcept;

// Answers `request`; without the body where it is a HEAD.
void respond(net::StreamTurn& turn, const http::RequestHead& request, bool keeps_alive,
             http::ResponseHead response, std::string_view body) noexcept;

// Answers what is no request that we could answer, and closes.
void refuse_stream(net::StreamTurn& turn, http::StatusCode status) noexcept;

}  // namespace aquatic::server
