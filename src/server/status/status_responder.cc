// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_responder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "protocol/http/header_list.h"
#include "server/http/http_replies.h"
#include "server/status/page_files.h"

namespace aquatic::server {
namespace {

using http::StatusCode;

// The memo:  62 ours | 61 subscriber | 60 full scrape, or a subscriber's body is chunked |
//            0..31 slot of the subscriber or transfer, or 0..58 the full scrape
constexpr std::uint64_t kIsOurs = std::uint64_t{1} << 62;
constexpr std::uint64_t kIsSubscriber = std::uint64_t{1} << 61;
constexpr std::uint64_t kIsChunked = std::uint64_t{1} << 60;
constexpr std::uint64_t kIsFullScrape = std::uint64_t{1} << 60;
static_assert(StatusFullScrape::kBits <= 60);

constexpr bool is_full_scrape(std::uint64_t memo) noexcept {
  return (memo & (kIsSubscriber | kIsFullScrape)) == kIsFullScrape;
}

constexpr std::uint32_t slot_of(std::uint64_t memo) noexcept {
  return static_cast<std::uint32_t>(memo);
}

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

constexpr std::string_view kFresh =
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
// The page may load its two files and talk to its tracker, and that is all. Its icon is in it.
constexpr std::string_view kPageLines =
    "Cache-Control: no-cache\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n";
constexpr std::string_view kPageFileLines =
    "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n";
// nginx is told not to wait until it has more of them.
constexpr std::string_view kEventLines =
    "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n";

// A comment: whoever is between us and the page sees that the connection is in use.
constexpr std::string_view kStillHere = ": still here\n\n";
// The page tries again so many milliseconds after a connection has ended.
constexpr std::string_view kRetry = "retry: 2000\n\n";
// A place is likely to be free then.
constexpr std::uint32_t kRetryAfterS = 10;

constexpr std::string_view kNoTorrents = "This tracker does not name torrents.\n";
constexpr std::string_view kUnknownMode =
    "The modes are peer, conn, torr, udp4, tcp4, scrp, completed, version, everything, top10, "
    "top100 and tpbs.\n";
constexpr std::string_view kUnknownForm = "The formats are ben, txt, bin and url.\n";
constexpr std::string_view kUnknownRange = "The ranges are minutes, hour and day.\n";

std::optional<std::string_view> value_of(std::string_view key, std::string_view query) noexcept {
  http::Parameters parameters(query);
  while (const auto parameter = parameters.next()) {
    if (parameter->key == key) return parameter->value;
  }
  return std::nullopt;
}

// As bittorrent-tracker does it, whoever accepts nothing else gets the page as JSON.
bool accepts_json_only(const http::RequestHead& request) noexcept {
  return std::ranges::any_of(request.headers(), [](const http::Header& header) {
    return http::equals_ignoring_case(header.name, "Accept") && header.value == kJson;
  });
}

// Appends to an event stream.
void append(std::string_view text, bool is_chunked, ByteBuffer& out) noexcept {
  const std::size_t begin = out.size();
  out.append(text);
  if (is_chunked) http::end_chunk(out, begin);
}

}  // namespace

bool StatusResponder::answers(std::string_view path) const noexcept {
  if (path == "/metrics") return source_.serves_metrics;
  return path == "/stats" || path == "/stats.json" || path.starts_with("/stats/");
}

bool StatusResponder::is_memo(std::uint64_t memo) noexcept {
  return (memo & (kIsOurs << 1 | kIsOurs)) == kIsOurs;
}

void StatusResponder::answer(net::StreamTurn& turn, const http::RequestHead& request,
                             const http::Target& target) noexcept {
  if (target.path == "/stats/events") return subscribe(turn, request);
  if (target.path == "/stats" && value_of("mode", target.query) == "tpbs") {
    return begin_full_scrape(turn, request, target.query);
  }
  send(turn, request, answer_to(request, target));
}

StatusResponder::Answer StatusResponder::answer_to(const http::RequestHead& request,
                                                   const http::Target& target) noexcept {
  const auto page_file = [](std::string_view type, std::string_view body) -> Answer {
    return {.content_type = type, .body = body, .further_lines = kPageFileLines};
  };
  const std::string_view path = target.path;
  if (path == "/stats") return stats(request, target.query);
  if (path == "/stats/page.css") return page_file("text/css; charset=utf-8", kPageCss);
  if (path == "/stats/page.js") return page_file("text/javascript; charset=utf-8", kPageJs);
  if (path == "/stats/history") return history(target.query);
  const auto& pages = *pages_.current();
  if (path == "/stats.json") {
    return {.content_type = kJson, .body = pages.json, .further_lines = kFresh};
  }
  if (path == "/metrics") return {.content_type = kPrometheusText, .body = pages.metrics};
  return {.status = StatusCode::not_found, .body = "There is no such page.\n"};
}

StatusResponder::Answer StatusResponder::stats(const http::RequestHead& request,
                                               std::string_view query) noexcept {
  if (const auto mode = value_of("mode", query)) return opentracker(*mode);
  if (accepts_json_only(request)) {
    return {.content_type = kJson, .body = pages_.current()->json, .further_lines = kFresh};
  }
  return {
      .content_type = "text/html; charset=utf-8", .body = kPageHtml, .further_lines = kPageLines};
}

StatusResponder::Answer StatusResponder::opentracker(std::string_view mode) noexcept {
  const auto found = std::ranges::find(kOpentrackerModeNames, mode);
  if (found == kOpentrackerModeNames.end()) {
    return {.status = StatusCode::not_found, .body = kUnknownMode};
  }
  const auto index = static_cast<std::size_t>(found - kOpentrackerModeNames.begin());
  const std::string& text = pages_.current()->opentracker[index];
  if (text.empty()) return {.status = StatusCode::forbidden, .body = kNoTorrents};
  // The type that opentracker gives even to its XML.
  return {.content_type = "text/plain", .body = text, .further_lines = kFresh};
}

StatusResponder::Answer StatusResponder::history(std::string_view query) noexcept {
  const auto range = value_of("range", query).value_or("day");
  const auto found = std::ranges::find(kHistoryRangeNames, range);
  if (found == kHistoryRangeNames.end()) {
    return {.status = StatusCode::not_found, .body = kUnknownRange};
  }
  const auto index = static_cast<std::size_t>(found - kHistoryRangeNames.begin());
  const auto& text = pages_.current()->history[index];
  return {.content_type = kJson,
          .body = text ? std::string_view(*text) : "{}",
          .further_lines = kFresh};
}

void StatusResponder::send(net::StreamTurn& turn, const http::RequestHead& request,
                           const Answer& answer) noexcept {
  if (answer.body.size() > kPieceBytes && request.method != "HEAD") {
    return begin_transfer(turn, request, answer);
  }
  respond(turn, request, keeps_alive_,
          {.status = answer.status,
           .content_type = answer.content_type,
           .further_lines = answer.further_lines},
          answer.body);
}

void StatusResponder::begin_transfer(net::StreamTurn& turn, const http::RequestHead& request,
                                     const Answer& answer) noexcept {
  const auto free = std::ranges::find(transfers_, nullptr, &Transfer::pages);
  if (free == transfers_.end()) return refuse_for_now(turn, request);
  http::ResponseHead head{.status = answer.status,
                          .content_type = answer.content_type,
                          .content_length = answer.body.size(),
                          .further_lines = answer.further_lines};
  settle_connection(turn, request, keeps_alive_, head);
  http::encode(head, turn.output);
  *free = {pages_.current(), answer.body, std::exchange(turn.is_last, false)};
  turn.memo = kIsOurs | static_cast<std::uint64_t>(free - transfers_.begin());
  continue_transfer(turn);
}

void StatusResponder::continue_transfer(net::StreamTurn& turn) noexcept {
  Transfer& transfer = transfers_[slot_of(turn.memo)];
  DCHECK(transfer.pages != nullptr);
  const std::string_view piece = transfer.rest.substr(0, kPieceBytes);
  turn.output.append(piece);
  transfer.rest.remove_prefix(piece.size());
  turn.has_more_output = !transfer.rest.empty();
  if (turn.has_more_output) return;
  turn.is_last = transfer.is_last;
  turn.memo = 0;
  transfer = {};
}

void StatusResponder::begin_full_scrape(net::StreamTurn& turn, const http::RequestHead& request,
                                        std::string_view query) noexcept {
  const auto form = StatusFullScrape::form_of(value_of("format", query).value_or("ben"));
  if (!form) return send(turn, request, {.status = StatusCode::not_found, .body = kUnknownForm});
  if (!pages_.current()->names_torrents) {
    return send(turn, request, {.status = StatusCode::forbidden, .body = kNoTorrents});
  }
  // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
  const bool is_chunked = request.minor_version > 0;
  http::ResponseHead head{
      .body_length = is_chunked ? http::BodyLength::chunked : http::BodyLength::until_close,
      .further_lines = kFresh};
  settle_connection(turn, request, keeps_alive_ && is_chunked, head);
  http::encode(head, turn.output);
  if (request.method == "HEAD") return;
  const bool keeps_alive = !std::exchange(turn.is_last, false);
  continue_full_scrape(turn, StatusFullScrape(*form, is_chunked, keeps_alive));
}

void StatusResponder::continue_full_scrape(net::StreamTurn& turn,
                                           StatusFullScrape scrape) noexcept {
  turn.has_more_output = scrape.append_piece(source_.swarm, access_list_.current(), turn.output);
  turn.memo = turn.has_more_output ? kIsOurs | kIsFullScrape | scrape.to_bits() : 0;
  turn.is_last = !turn.has_more_output && !scrape.keeps_alive();
}

void StatusResponder::subscribe(net::StreamTurn& turn, const http::RequestHead& request) noexcept {
  const bool is_head_only = request.method == "HEAD";
  const auto slot =
      is_head_only ? Subscribers::Slot{0} : source_.subscribers.add(source_.inbox, turn.stream);
  if (!slot) return refuse_for_now(turn, request);
  // HTTP/1.0 knows no chunks: the end of the connection is the end of the events.
  const bool is_chunked = request.minor_version > 0;
  const auto length = is_chunked ? http::BodyLength::chunked : http::BodyLength::until_close;
  http::encode({.content_type = "text/event-stream",
                .body_length = length,
                .connection = http::ResponseHead::Connection::close,
                .further_lines = kEventLines},
               turn.output);
  if (is_head_only) {
    turn.is_last = true;
    return;
  }
  turn.memo = kIsOurs | kIsSubscriber | (is_chunked ? kIsChunked : 0) | *slot;
  append(kRetry, is_chunked, turn.output);
  append(pages_.current()->event, is_chunked, turn.output);
}

void StatusResponder::handle(net::StreamTurn& turn) noexcept {
  DCHECK(is_memo(turn.memo));
  if ((turn.memo & kIsSubscriber) != 0) return handle_subscriber(turn);
  if (turn.event == net::StreamEvent::drained) {
    if (!is_full_scrape(turn.memo)) return continue_transfer(turn);
    return continue_full_scrape(turn, StatusFullScrape::from_bits(turn.memo));
  }
  // A body on its way has its time for writing; nothing else matters to it.
}

void StatusResponder::handle_subscriber(net::StreamTurn& turn) noexcept {
  const bool is_chunked = (turn.memo & kIsChunked) != 0;
  switch (turn.event) {
    case net::StreamEvent::input:
    case net::StreamEvent::drained:
      turn.consumed = turn.input.size();  // He has asked his last question.
      return;
    case net::StreamEvent::message:
      // Who has not taken the last second yet does without this one.
      if (turn.output.is_empty()) append(pages_.current()->event, is_chunked, turn.output);
      return;
    case net::StreamEvent::idle:
      if (turn.output.is_empty()) append(kStillHere, is_chunked, turn.output);
      return;
    case net::StreamEvent::stopping:
      if (is_chunked && turn.output.is_empty()) http::end_chunked_body(turn.output);
      turn.is_last = true;
      return;
    case net::StreamEvent::timeout:
    case net::StreamEvent::refused: turn.is_last = true; return;
  }
}

void StatusResponder::forget(std::uint64_t memo) noexcept {
  DCHECK(is_memo(memo));
  if ((memo & kIsSubscriber) != 0) {
    source_.subscribers.remove(slot_of(memo));
  } else if (!is_full_scrape(memo)) {
    transfers_[slot_of(memo)] = {};
  }
}

void StatusResponder::refuse_for_now(net::StreamTurn& turn,
                                     const http::RequestHead& request) noexcept {
  respond(turn, request, keeps_alive_,
          {.status = StatusCode::service_unavailable, .retry_after_s = kRetryAfterS},
          "There are too many who look; come back in a moment.\n");
}

}  // namespace aquatic::server
