// SPDX-License-Identifier: Apache-2.0
// The connections of WebTorrent peers (RFC 6455), from the upgrade on: frames in, frames out.
//
// Bad requests are answered and counted; only what RFC 6455 forbids, what is too slow, too much or
// dead closes a connection, with a code that says so. Belongs to one worker.
#pragma once
#include <cstdint>
#include <string_view>

#include "access_list/access_list.h"
#include "base/endpoint.h"
#include "net/outbox.h"
#include "net/stream_handler.h"
#include "protocol/ws/close_code.h"
#include "protocol/ws/message_reader.h"
#include "protocol/ws/upgrade.h"
#include "server/ws/ws_connection.h"
#include "server/ws/ws_metrics.h"
#include "server/ws/ws_options.h"
#include "server/ws/ws_responder.h"
#include "swarm/offers/offer_swarm.h"

namespace aquatic::server {

class WsHandler {
 public:
  // Borrows everything but the options and the seed. `clients` sees who announces, if there is one.
  WsHandler(WsHandlerOptions options, offers::OfferSwarm& swarm,
            const access_list::Holder& access_list, net::Outbox& outbox, std::uint64_t seed,
            WsMetrics& metrics, ClientSampler* clients = nullptr);
  WsHandler(const WsHandler&) = delete;
  WsHandler& operator=(const WsHandler&) = delete;

  // Options that were read again, but for limits of messages and who may meet. Between two turns.
  void set_options(const WsHandlerOptions& options);

  // Whether a page of this origin may connect; empty is a program that is no browser.
  bool allows(std::string_view origin) const noexcept;
  // Takes the stream over: accepts the upgrade and notes the connection in the memo, which is from
  // now on not 0 and below 2^32. `source` is whose connection it is.
  void open(net::StreamTurn& turn, const ws::Upgrade& upgrade, const IpAddress& source) noexcept;
  // Counts an upgrade that was refused.
  void refuse(Family family, WsMetric reason) noexcept { metrics_.of(family).add(reason); }

  // A turn of a stream that was taken over; input begins behind what the turn has consumed.
  void handle(net::StreamTurn& turn) noexcept;
  void forget(std::uint64_t memo) noexcept;

 private:
  void handle_messages(net::StreamTurn& turn, WsConnection& connection) noexcept;
  void handle(net::StreamTurn& turn, WsConnection& connection, const ws::Message& message) noexcept;
  void handle(net::StreamTurn& turn, WsConnection& connection, const ws::Ping& ping) noexcept;
  void handle(net::StreamTurn& turn, WsConnection& connection, const ws::Pong& pong) noexcept;
  void handle(net::StreamTurn& turn, WsConnection& connection, const ws::Close& close) noexcept;
  // Passes on what another peer has sent.
  void relay(net::StreamTurn& turn, WsConnection& connection) noexcept;
  // Nothing has come for a while.
  void look_after(net::StreamTurn& turn, WsConnection& connection) noexcept;
  void close(net::StreamTurn& turn, WsConnection& connection, ws::CloseCode code,
             std::string_view reason) noexcept;
  // Nothing more is said to the peer. He leaves his torrents now, although it may take him some
  // time to receive the rest.
  void end(net::StreamTurn& turn, WsConnection& connection) noexcept;

  metrics::Counters<WsMetric>& metrics_of(const WsConnection& connection) noexcept {
    return metrics_.of(connection.ip.family());
  }

  WsHandlerOptions options_;
  WsMetrics& metrics_;
  access_list::Reader access_list_;
  ws::MessageReader reader_;
  WsResponder responder_;
  WsConnectionTable connections_;
};

}  // namespace aquatic::server
