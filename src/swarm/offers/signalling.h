// SPDX-License-Identifier: Apache-2.0
// What goes into an offer swarm, and what comes out of it.
#pragma once
#include <cstdint>

#include "base/endpoint.h"
#include "base/info_hash.h"
#include "swarm/announcement.h"

namespace aquatic::offers {

// A connection to the tracker: to the swarm, nothing but where a message has to go.
struct Connection {
  std::uint64_t stream = 0;  // Its key at the worker: never used twice.
  std::uint32_t worker = 0;

  friend bool operator==(const Connection&, const Connection&) noexcept = default;
};

// Peers of both families meet where the operator wants them to: then all are of one.
struct Torrent {
  InfoHash info_hash;
  Family family = Family::ipv4;
};

struct Announcement {
  PeerId peer_id;
  Connection connection;
  IpAddress ip;  // Of the other end, or whom a trusted proxy names.
  swarm::Status status = swarm::Status::leecher;
  // He says that he has just finished: counts a download if he seeds and did not before.
  bool completed = false;
};

// Of one family.
struct Totals {
  std::uint64_t torrents = 0;
  std::uint64_t peers = 0;
  std::uint64_t seeders = 0;  // Of the peers.
  // What all of it takes, to a few percent; pending offers as of the last expiry.
  std::uint64_t memory_bytes = 0;
};

struct Announced {
  swarm::Counts counts;
  std::uint32_t receiver_count = 0;
};

enum class Refusal : std::uint8_t {
  foreign_peer_id,  // In use by another connection, of another address.
};

struct Answer {
  PeerId peer_id;         // Who answers,
  Connection connection;  // from where,
  PeerId to_peer_id;      // whom,
  OfferId offer_id;       // and what.
};

enum class AnswerError : std::uint8_t {
  foreign_peer_id,  // Who answers is no peer of the torrent, or another connection's.
  unknown_peer,     // Whom he answers is not there, or not any more.
  unknown_offer,    // He was not offered this, has answered already, or it was too long ago.
};

}  // namespace aquatic::offers
