// SPDX-License-Identifier: Apache-2.0
// WebTorrent peers in memory: handlers of several workers with mailboxes between them, and
// connections whose sockets are always ready. Time is the test's.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access_list/access_list.h"
#include "net/mailbox.h"
#include "net/outbox.h"
#include "server/ws_handler.h"
#include "swarm/offers/offer_swarm.h"

namespace aquatic::server {

// What a peer sees.
struct WsPeer {
  std::size_t worker = 0;
  net::StreamKey stream = 0;
  std::uint64_t memo = 0;
  Endpoint address;
  std::string unhandled;              // Sent, and not consumed.
  std::vector<std::string> messages;  // Text of the frames that came, in their order.
  std::vector<std::string> pings;
  std::vector<std::string> pongs;
  std::optional<std::uint16_t> close_code;  // Of the tracker's close frame; 0 if it has none.
  bool is_closed = false;                   // By the tracker.
  bool is_stuck = false;                    // The socket takes nothing:
  ByteBuffer output;                        // what was sent stays here.

  // The messages since the last call.
  std::vector<std::string> take();
};

class WsRig {
 public:
  explicit WsRig(WsHandlerOptions options = {}, std::size_t worker_count = 2);

  // A connection that has become WebSocket.
  WsPeer& connect(std::string_view ip = "192.0.2.1", std::size_t worker = 0);
  // The tracker's end of it goes away, whoever closed it.
  void disconnect(WsPeer& peer);

  // Sends a text frame, and hands out everything that comes of it.
  void say(WsPeer& peer, std::string_view text);
  // The same for bytes of frames, as they are.
  void send(WsPeer& peer, std::string_view bytes);
  void take_turn(WsPeer& peer, net::StreamEvent event, Bytes message = {});
  // Moves messages between workers until there are none.
  void deliver();

  std::uint64_t count(WsMetric metric, Family family = Family::ipv4) const;
  // Of a torrent of IPv4.
  swarm::Counts counts(std::string_view info_hash) const;

  Seconds now = 1000;
  access_list::Holder access_list;
  offers::OfferSwarm swarm;

 private:
  struct Worker {
    std::unique_ptr<net::Outbox> outbox;
    std::unique_ptr<WsMetrics> metrics;
    std::unique_ptr<WsHandler> handler;
  };

  void hand_out(std::size_t worker, const net::Mail& mail);
  static void receive(WsPeer& peer);

  std::vector<std::unique_ptr<net::Mailbox>> mailboxes_;
  std::vector<Worker> workers_;
  std::vector<std::unique_ptr<WsPeer>> peers_;  // Also those that are gone.
};

}  // namespace aquatic::server
