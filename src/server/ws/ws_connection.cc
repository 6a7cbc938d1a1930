// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_connection.h"

#include <algorithm>

namespace aquatic::server {

// Most connections have a handful, and the limit for one keeps this in some microseconds.
WsConnection::Membership* WsConnection::find(const offers::Torrent& torrent) noexcept {
  const auto found = std::ranges::find_if(memberships, [&torrent](const Membership& membership) {
    return membership.torrent.info_hash == torrent.info_hash;
  });
  return found == memberships.end() ? nullptr : &*found;
}

WsConnectionTable::Id WsConnectionTable::open() {
  if (free_.empty()) {
    connections_.emplace_back();
    return connections_.size();
  }
  const Id id = free_.back();
  free_.pop_back();
  return id;
}

void WsConnectionTable::close(Id id) {
  at(id) = {};
  free_.push_back(id);
}

}  // namespace aquatic::server
