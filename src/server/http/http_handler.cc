// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_handler.h"

#include <utility>

#include "protocol/http/response.h"
#include "protocol/http/target.h"
#include "server/http/http_replies.h"

namespace aquatic::server {
namespace {

constexpr std::string_view kAllowedMethods = "GET, HEAD";

constexpr std::string_view kOnlyWebSocket =
    "This is a WebTorrent tracker. Torrent clients reach it over WebSocket.\n";
constexpr std::string_view kBadUpgrade = "This is no upgrade to WebSocket as of RFC 6455.\n";

constexpr std::string_view text_of(http::ForwardedError error) noexcept {
  switch (error) {
    case http::ForwardedError::missing: return "The proxy does not say who asks";
    case http::ForwardedError::malformed: return "The proxy says who asks, but not how it should";
    case http::ForwardedError::unknown: return "The proxy hides who asks";
  }
  return "";
}

}  // namespace

HttpHandler::HttpHandler(HttpHandlerOptions options, swarm::Swarm& swarm,
                         const access_list::Holder& access_list, std::uint64_t seed,
                         HttpMetrics& metrics, Others others)
    : options_(std::move(options)),
      upgrades_(std::move(others.upgrades)),
      swarm_(swarm),
      access_list_(access_list),
      responder_(options_, swarm, seed, others.clients),
      metrics_(metrics) {
  if (others.status) status_.emplace(*others.status, options_.keeps_alive);
}

void HttpHandler::set_options(const HttpHandlerOptions& options) {
  const bool serves_announces = options_.serves_announces;
  const bool keeps_peer_ids = options_.keeps_peer_ids;
  options_ = options;
  options_.serves_announces = serves_announces;
  options_.keeps_peer_ids = keeps_peer_ids;
  responder_.make_room();
}

void HttpHandler::set_options(const WsHandlerOptions& options) {
  if (upgrades_ != nullptr) upgrades_->set_options(options);
}

void HttpHandler::forget(std::uint64_t memo) noexcept {
  if (StatusResponder::is_memo(memo)) return status_->forget(memo);
  if (is_upgraded(memo)) upgrades_->forget(memo);
}

void HttpHandler::handle(net::StreamTurn& turn) noexcept {
  if (is_upgraded(turn.memo)) return upgrades_->handle(turn);
  if (StatusResponder::is_memo(turn.memo)) return status_->handle(turn);
  switch (turn.event) {
    case net::StreamEvent::input: return handle_requests(turn);
    case net::StreamEvent::drained:
      if (turn.memo != 0) continue_full_scrape(turn, HttpFullScrape::from_memo(turn.memo));
      return handle_requests(turn);
    case net::StreamEvent::message:
    case net::StreamEvent::idle:
    case net::StreamEvent::stopping: return;  // The connection may go.
    case net::StreamEvent::timeout:
      // Whoever has sent nothing has asked for nothing.
      if (!turn.input.empty()) refuse_stream(turn, http::StatusCode::request_timeout);
      turn.is_last = true;
      return;
    case net::StreamEvent::refused:
      return refuse_stream(turn, http::StatusCode::service_unavailable);
  }
}

void HttpHandler::handle_requests(net::StreamTurn& turn) noexcept {
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
      if (is_upgraded(turn.memo)) return upgrades_->handle(turn);
      if (StatusResponder::is_memo(turn.memo)) return;  // What else there is has to wait.
    } else if (head_bytes.error() == http::HeadError::incomplete) {
      return;
    } else {
      refuse_stream(turn, status_of(head_bytes.error()));
    }
  }
}

void HttpHandler::handle_request(net::StreamTurn& turn) noexcept {
  using http::StatusCode;
  if (upgrades_ != nullptr) {
    const auto upgrade = ws::decode_upgrade(head_);
    if (upgrade) return handle_upgrade(turn, *upgrade);
    if (upgrade.error() != ws::UpgradeError::not_asked_for) {
      return refuse_upgrade(turn, upgrade.error());
    }
  }
  if (head_.has_other_expectation) return refuse_request(turn, StatusCode::expectation_failed);
  if (head_.method != "GET" && head_.method != "HEAD") {
    return refuse_request(turn, StatusCode::method_not_allowed);
  }
  if (head_.has_body()) return refuse_request(turn, StatusCode::content_too_large);

  const http::Target target = http::split_target(head_.target);
  switch (http::route_of(target.path)) {
    case http::Route::announce:
      if (!options_.serves_announces) break;
      return handle_announce(turn, target.query);
    case http::Route::scrape:
      if (!options_.serves_announces) break;
      return handle_scrape(turn, target.query);
    case http::Route::health:
      metrics_.of(turn.peer.ip.family()).add(HttpMetric::health_requests);
      return respond(turn, {}, "ok");
    case http::Route::unknown:
      if (!status_ || !status_->answers(target.path)) break;
      return status_->answer(turn, head_, target);
  }
  refuse_request(turn, StatusCode::not_found,
                 options_.serves_announces ? text_of(StatusCode::not_found) : kOnlyWebSocket);
}

void HttpHandler::handle_upgrade(net::StreamTurn& turn, const ws::Upgrade& upgrade) noexcept {
  const auto source = source_of(turn);
  if (!source) {
    return refuse_request(turn, http::StatusCode::bad_request, text_of(source.error()));
  }
  if (!upgrades_->allows(upgrade.origin)) {
    upgrades_->refuse(source->family(), WsMetric::refused_origins);
    return refuse_request(turn, http::StatusCode::forbidden);
  }
  upgrades_->open(turn, upgrade, *source);
}

void HttpHandler::refuse_upgrade(net::StreamTurn& turn, ws::UpgradeError error) noexcept {
  upgrades_->refuse(turn.peer.ip.family(), WsMetric::refused_upgrades);
  if (error != ws::UpgradeError::bad_version) {
    return refuse_request(turn, http::StatusCode::bad_request, kBadUpgrade);
  }
  ws::encode_version_refusal(turn.output);
  turn.is_last = true;
}

void HttpHandler::handle_announce(net::StreamTurn& turn, std::string_view query) noexcept {
  using Effect = HttpResponder::Effect;
  const auto source = source_of(turn);
  const Family family = source.value_or(turn.peer.ip).family();
  metrics_.of(family).add(HttpMetric::announce_requests);
  if (!source) return refuse_source(turn, source.error());
  const Effect effect = is_head_only() ? Effect::rehearsal : Effect::real;
  body_.clear();
  respond(turn, family,
          responder_.announce(query, *source, turn.now, effect, access_list_.current(), body_));
}

void HttpHandler::handle_scrape(net::StreamTurn& turn, std::string_view query) noexcept {
  const auto source = source_of(turn);
  const Family family = source.value_or(turn.peer.ip).family();
  metrics_.of(family).add(HttpMetric::scrape_requests);
  if (!source) return refuse_source(turn, source.error());
  body_.clear();
  const auto metric = responder_.scrape(query, family, access_list_.current(), body_);
  if (metric) return respond(turn, family, *metric);

  metrics_.of(family).add(HttpMetric::full_scrape_requests);
  if (options_.allows_full_scrape) return begin_full_scrape(turn, family);
  respond(turn, family, HttpResponder::fail_for_good("Full scrapes are not allowed", body_));
}

void HttpHandler::begin_full_scrape(net::StreamTurn& turn, Family family) noexcept {
  metrics_.of(family).add(HttpMetric::scrape_responses);
  // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
  const bool is_chunked = head_.minor_version > 0;
  if (!is_chunked) head_.keeps_alive = false;
  http::ResponseHead response;
  response.body_length = is_chunked ? http::BodyLength::chunked : http::BodyLength::until_close;
  settle_connection(turn, head_, options_.keeps_alive, response);
  http::encode(response, turn.output);
  if (is_head_only()) return;
  const bool keeps_alive = !std::exchange(turn.is_last, false);
  continue_full_scrape(turn, HttpFullScrape(family, is_chunked, keeps_alive));
}

void HttpHandler::continue_full_scrape(net::StreamTurn& turn, HttpFullScrape scrape) noexcept {
  turn.has_more_output = scrape.append_piece(swarm_, access_list_.current(), turn.output);
  turn.memo = turn.has_more_output ? scrape.to_memo() : 0;
  turn.is_last = !turn.has_more_output && !scrape.keeps_alive();
}

Expected<IpAddress, http::ForwardedError> HttpHandler::source_of(
    const net::StreamTurn& turn) const noexcept {
  const IpAddress& peer_ip = turn.peer.ip;
  if (!options_.is_behind_proxy || !options_.trusted_proxies.contain(peer_ip)) return peer_ip;
  return http::forwarded_address(head_, options_.proxy_header_name, options_.proxy_header_format,
                                 options_.trusted_proxies);
}

void HttpHandler::refuse_source(net::StreamTurn& turn, http::ForwardedError error) noexcept {
  const Family family = turn.peer.ip.family();
  metrics_.of(family).add(HttpMetric::proxy_errors);
  body_.clear();
  http::encode(http::Failure{.reason = text_of(error)}, body_);
  respond(turn, family, HttpMetric::failure_responses);
}

void HttpHandler::refuse_stream(net::StreamTurn& turn, http::StatusCode status) noexcept {
  metrics_.of(turn.peer.ip.family()).add(HttpMetric::error_responses);
  server::refuse_stream(turn, status);
}

void HttpHandler::refuse_request(net::StreamTurn& turn, http::StatusCode status) noexcept {
  refuse_request(turn, status, text_of(status));
}

void HttpHandler::refuse_request(net::StreamTurn& turn, http::StatusCode status,
                                 std::string_view text) noexcept {
  metrics_.of(turn.peer.ip.family()).add(HttpMetric::error_responses);
  // Nobody reads the body, and nothing behind it is to be taken for a request.
  if (head_.has_body()) head_.keeps_alive = false;
  http::ResponseHead response;
  response.status = status;
  if (status == http::StatusCode::method_not_allowed) response.allow = kAllowedMethods;
  respond(turn, response, text);
}

void HttpHandler::respond(net::StreamTurn& turn, Family family, HttpMetric metric) noexcept {
  metrics_.of(family).add(metric);
  respond(turn, {}, body_.text());
}

void HttpHandler::respond(net::StreamTurn& turn, http::ResponseHead response,
                          std::string_view body) noexcept {
  server::respond(turn, head_, options_.keeps_alive, response, body);
}

}  // namespace aquatic::server
