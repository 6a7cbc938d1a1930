// SPDX-License-Identifier: Apache-2.0
// WebTorrent peers in memory: handlers of several workers with mailboxes between them, and
// connections whose sockets are always ready. Time is the test's.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access_list/access_list.h"
#include "net/mailbox.h"
#include "net/outbox.h"
#include "server/status/client_census.h"
#include "server/ws/ws_handler.h"
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
  explicit WsRig(WsHandlerOptions options = {}, std::size_t worker_count = 2,
                 const offers::Options& swarm_options = {.shard_count = 4, .hash_seed = 1});

  // A connection that has become WebSocket.
  WsPeer& connect(std::string_view ip = "192.0.2.1", std::size_t worker = 0);
  // The tracker's end of it goes away, whoever closed it.
  void disconnect(WsPeer& peer);
  // The peer's own end goes away as well: he is no more.
  void release(const WsPeer& peer) { peers_.erase(peer.stream); }

  // Sends a text frame, and hands out everything that comes of it.
  void say(WsPeer& peer, std::string_view text);
  // The same for bytes of frames, as they are.
  void send(WsPeer& peer, std::string_view bytes);
  void take_turn(WsPeer& peer, net::StreamEvent event, Bytes message = {});
  // Moves messages between workers until there are none.
  void deliver();
  // What one worker does of that: sends what it has for others, and hands out what they sent it.
  void send_mail(std::size_t worker);
  void take_mail(std::size_t worker);

  std::uint64_t count(WsMetric metric, Family family = Family::ipv4) const;
  // Of a torrent of IPv4.
  swarm::Counts counts(std::string_view info_hash) const;

  Seconds now = 1000;
  access_list::Holder access_list;
  offers::OfferSwarm swarm;
  ClientCensus census{1, 64};   // All handlers tell it whom they see.
  std::uint64_t sent_hash = 0;  // Of all bytes that peers have received, in their order.
  // Called when a peer has received something, or was closed.
  std::function<void(WsPeer&)> on_change;

 private:
  struct Worker {
    std::unique_ptr<net::Outbox> outbox;
    std::unique_ptr<WsMetrics> metrics;
    std::unique_ptr<WsHandler> handler;
  };

  void hand_out(std::size_t worker, const net::Mail& mail);
  void react(WsPeer& peer, bool is_last);
  void receive(WsPeer& peer);

  std::vector<std::unique_ptr<net::Mailbox>> mailboxes_;
  std::vector<Worker> workers_;
  std::unordered_map<net::StreamKey, std::unique_ptr<WsPeer>> peers_;
  net::StreamKey last_stream_ = 0;
  ws::MessageReader reader_;  // Of the peers.
};

}  // namespace aquatic::server
