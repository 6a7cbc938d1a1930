// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_handler.h"

#include "protocol/http/target.h"
#include "server/http/http_replies.h"

namespace aquatic::server {
namespace {

using http::StatusCode;

constexpr std::string_view kToThePage = "Location: stats\r\n";

}  // namespace

void StatusHandler::forget(std::uint64_t memo) noexcept {
  if (StatusResponder::is_memo(memo)) responder_.forget(memo);
}

void StatusHandler::handle(net::StreamTurn& turn) noexcept {
  if (StatusResponder::is_memo(turn.memo)) return responder_.handle(turn);
  switch (turn.event) {
    case net::StreamEvent::input:
    case net::StreamEvent::drained: return handle_requests(turn);
    case net::StreamEvent::message:
    case net::StreamEvent::idle:
    case net::StreamEvent::stopping: return;  // The connection may go.
    case net::StreamEvent::timeout:
      // Whoever has sent nothing has asked for nothing.
      if (!turn.input.empty()) refuse_stream(turn, StatusCode::request_timeout);
      turn.is_last = true;
      return;
    case net::StreamEvent::refused: return refuse_stream(turn, StatusCode::service_unavailable);
  }
}

void StatusHandler::handle_requests(net::StreamTurn& turn) noexcept {
  while (!turn.is_last && !turn.has_more_output) {
    const Bytes rest = turn.input.subspan(turn.consumed);
    if (rest.empty()) return;
    if (turn.output.size() >= options_.max_output_bytes) {
      turn.has_more_output = true;  // What is left of the input makes it.
      return;
    }
    const auto head_bytes = http::decode_request_head(rest, options_.head, head_);
    if (head_bytes) {
      turn.consumed += *head_bytes;
      handle_request(turn);
      if (StatusResponder::is_memo(turn.memo)) return;  // What else there is has to wait.
    } else if (head_bytes.error() == http::HeadError::incomplete) {
      return;
    } else {
      refuse_stream(turn, status_of(head_bytes.error()));
    }
  }
}

void StatusHandler::handle_request(net::StreamTurn& turn) noexcept {
  if (head_.has_other_expectation) return refuse_request(turn, StatusCode::expectation_failed);
  if (head_.method != "GET" && head_.method != "HEAD") {
    return refuse_request(turn, StatusCode::method_not_allowed);
  }
  if (head_.has_body()) return refuse_request(turn, StatusCode::content_too_large);

  const http::Target target = http::split_target(head_.target);
  if (responder_.answers(target.path)) return responder_.answer(turn, head_, target);
  if (target.path == "/health") return respond(turn, head_, true, {}, "ok");
  if (target.path == "/") {
    return respond(turn, head_, true, {.status = StatusCode::found, .further_lines = kToThePage},
                   "");
  }
  respond(turn, head_, true, {.status = StatusCode::not_found},
          "This is where a tracker says what it does: see /stats, /stats.json and /metrics.\n");
}

void StatusHandler::refuse_request(net::StreamTurn& turn, StatusCode status) noexcept {
  // Nobody reads the body, and nothing behind it is to be taken for a request.
  if (head_.has_body()) head_.keeps_alive = false;
  http::ResponseHead response{.status = status};
  if (status == StatusCode::method_not_allowed) response.allow = "GET, HEAD";
  respond(turn, head_, true, response, text_of(status));
}

}  // namespace aquatic::server
