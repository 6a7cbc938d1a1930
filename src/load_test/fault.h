// SPDX-License-Identifier: Apache-2.0
// What may be wrong with a response, whatever the protocol: what a tracker that is fast but wrong
// gets caught by.
#pragma once
#include <cstdint>
#include <string_view>

namespace aquatic::load_test {

enum class Fault : std::uint8_t {
  malformed,             // Not a response, or entries of the wrong length for the family.
  unknown_transaction,   // A response that nobody has asked for.
  wrong_socket,          // The response to a request of another socket, or a relay for one.
  wrong_status,          // HTTP: neither 200 nor a refusal.
  wrong_action,          // The response to another kind of request.
  missing_keys,          // HTTP: it does not say what it has to.
  wrong_family,          // HTTP: peers of the family that was not asked for.
  own_peer,              // The announcing peer is told of himself.
  too_many_peers,        // More peers than wanted, or than the tracker's cap.
  missing_peers,         // Fewer peers than wanted although it says that there are more.
  uncounted_peers,       // More peers than it says there are.
  repeated_peer,         // The same peer twice.
  impossible_peer,       // Port 0, or no address.
  wrong_scrape_entries,  // Others than were asked for, or fewer.
  wrong_torrent,         // WebSocket: the response to an announce of another torrent.
  impossible_counts,     // WebSocket: whoever asks is not counted, or more than there are.
  altered_relay,         // An offer or answer that is not as it was sent.
  repeated_relay,        // An offer or answer that has arrived before.
  unknown_relay,         // An offer that nobody made, or the answer to one that never arrived.
  count,
};

// The name that reports use.
std::string_view name_of(Fault fault) noexcept;

}  // namespace aquatic::load_test
