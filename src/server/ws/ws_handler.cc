// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_handler.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "protocol/ws/frame.h"

namespace aquatic::server {

WsHandler::WsHandler(WsHandlerOptions options, offers::OfferSwarm& swarm,
                     const access_list::Holder& access_list, net::Outbox& outbox,
                     std::uint64_t seed, WsMetrics& metrics, ClientSampler* clients)
    : options_(std::move(options)),
      metrics_(metrics),
      access_list_(access_list),
      reader_(ws::Side::client, options_.messages),
      responder_(options_, swarm, outbox, seed, metrics, clients) {}

void WsHandler::set_options(const WsHandlerOptions& options) {
  const bool joins_families = options_.joins_families;
  options_ = options;
  options_.joins_families = joins_families;
}

bool WsHandler::allows(std::string_view origin) const noexcept {
  if (origin.empty()) return true;
  const auto has = [origin](const std::vector<std::string>& list) {
    return std::ranges::find(list, origin) != list.end();
  };
  if (has(options_.denied_origins)) return false;
  return options_.allowed_origins.empty() || has(options_.allowed_origins);
}

void WsHandler::open(net::StreamTurn& turn, const ws::Upgrade& upgrade,
                     const IpAddress& source) noexcept {
  turn.memo = connections_.open();
  turn.is_attended = true;
  WsConnection& connection = connections_.at(turn.memo);
  connection.ip = source;
  connection.stream = turn.stream;
  connection.requested_at = turn.now;
  metrics_of(connection).add(WsMetric::upgrades);
  ws::encode_upgrade_response(upgrade.key, turn.output);
}

void WsHandler::forget(std::uint64_t memo) noexcept {
  const WsConnection& connection = connections_.at(memo);
  metrics_of(connection).add(WsMetric::closed);
  responder_.leave(connection);
  connections_.close(memo);
}

void WsHandler::handle(net::StreamTurn& turn) noexcept {
  WsConnection& connection = connections_.at(turn.memo);
  switch (turn.event) {
    case net::StreamEvent::input:
    case net::StreamEvent::drained: return handle_messages(turn, connection);
    case net::StreamEvent::message: return relay(turn, connection);
    case net::StreamEvent::idle: return look_after(turn, connection);
    case net::StreamEvent::stopping:
      return close(turn, connection, ws::CloseCode::going_away, "the tracker stops");
    case net::StreamEvent::timeout:
      return close(turn, connection, ws::CloseCode::policy_violation, "a frame took too long");
    case net::StreamEvent::refused: return;  // There is no such stream.
  }
}

void WsHandler::handle_messages(net::StreamTurn& turn, WsConnection& connection) noexcept {
  Bytes rest = turn.input.subspan(turn.consumed);
  if (!rest.empty()) connection.awaits_pong = false;
  while (!turn.is_last) {
    if (turn.output.size() >= options_.max_output_bytes) {
      turn.has_more_output = true;  // What is left of the input makes it.
      break;
    }
    const auto received = reader_.next(rest, connection.partial);
    if (!received) {
      metrics_of(connection).add(WsMetric::frame_errors);
      close(turn, connection, close_code_of(received.error()), {});
    } else if (!*received) {
      break;
    } else {
      std::visit([&](const auto& message) { handle(turn, connection, message); }, **received);
    }
  }
  turn.consumed = turn.input.size() - rest.size();
}

void WsHandler::handle(net::StreamTurn& turn, WsConnection& connection,
                       const ws::Message& message) noexcept {
  responder_.respond({.message = message.payload, .now = turn.now}, connection,
                     access_list_.current(), turn.output);
  const bool is_too_bad =
      options_.max_bad_messages > 0 && connection.bad_message_count > options_.max_bad_messages;
  if (!is_too_bad) return;
  metrics_of(connection).add(WsMetric::bad_message_closes);
  close(turn, connection, ws::CloseCode::policy_violation, "too many bad messages");
}

void WsHandler::handle(net::StreamTurn& turn, WsConnection&, const ws::Ping& ping) noexcept {
  ws::encode_frame(ws::Opcode::pong, ping.payload, turn.output);
}

void WsHandler::handle(net::StreamTurn&, WsConnection&, const ws::Pong&) noexcept {}

// RFC 6455 §5.5.1: the peer's code goes back to him.
void WsHandler::handle(net::StreamTurn& turn, WsConnection& connection,
                       const ws::Close& received) noexcept {
  if (received.code) {
    ws::encode_close(static_cast<ws::CloseCode>(*received.code), {}, turn.output);
  } else {
    ws::encode_frame(ws::Opcode::close, {}, turn.output);
  }
  end(turn, connection);
}

void WsHandler::relay(net::StreamTurn& turn, WsConnection& connection) noexcept {
  if (turn.output.size() + turn.message.size() <= options_.max_output_bytes) {
    return turn.output.append(turn.message);
  }
  metrics_of(connection).add(WsMetric::slow_receivers);
  close(turn, connection, ws::CloseCode::try_again_later, "too slow to receive");
}

void WsHandler::look_after(net::StreamTurn& turn, WsConnection& connection) noexcept {
  metrics::Counters<WsMetric>& metrics = metrics_of(connection);
  if (connection.awaits_pong) {
    metrics.add(WsMetric::dead_peers);
    end(turn, connection);
  } else if (turn.now - connection.requested_at > options_.max_connection_idle_s) {
    metrics.add(WsMetric::idle_closes);
    close(turn, connection, ws::CloseCode::normal, "no requests");
  } else {
    metrics.add(WsMetric::pings);
    connection.awaits_pong = true;
    ws::encode_frame(ws::Opcode::ping, {}, turn.output);
  }
}

void WsHandler::close(net::StreamTurn& turn, WsConnection& connection, ws::CloseCode code,
                      std::string_view reason) noexcept {
  ws::encode_close(code, reason, turn.output);
  end(turn, connection);
}

void WsHandler::end(net::StreamTurn& turn, WsConnection& connection) noexcept {
  responder_.leave(connection);
  connection.memberships = {};
  turn.is_last = true;
}

}  // namespace aquatic::server
