// SPDX-License-Identifier: Apache-2.0
// The WebSocket connections of one worker, and what is known of each.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/info_hash.h"
#include "net/stream_key.h"
#include "protocol/ws/message_reader.h"
#include "swarm/offers/signalling.h"

namespace aquatic::server {

struct WsConnection {
  // A torrent that the connection has announced: it has one peer id there.
  struct Membership {
    offers::Torrent torrent;
    PeerId peer_id;
  };

  // Null if there is none.
  Membership* find(const offers::Torrent& torrent) noexcept;

  net::StreamKey stream = 0;  // Where what others send it has to be posted.
  IpAddress ip;               // Whose it is, by the word of a trusted proxy where there is one.
  ws::PartialMessage partial;
  std::vector<Membership> memberships;
  Seconds requested_at = 0;  // When the last request came, or the connection.
  std::uint32_t bad_message_count = 0;
  bool awaits_pong = false;  // Was asked whether it is there, and has said nothing since.
};

// A connection never moves as long as it is open. Belongs to one worker.
class WsConnectionTable {
 public:
  // Names a connection, in a stream's memo: never 0, and below 2^32.
  using Id = std::uint64_t;

  Id open();
  // Requires: the connection is open.
  void close(Id id);
  WsConnection& at(Id id) noexcept { return connections_[id - 1]; }

  std::size_t size() const noexcept { return connections_.size() - free_.size(); }

 private:
  std::deque<WsConnection> connections_;
  std::vector<Id> free_;
};

}  // namespace aquatic::server
