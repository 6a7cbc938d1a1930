// SPDX-License-Identifier: Apache-2.0
// Connection ids of the UDP protocol (BEP 15): proof that a client can read what is sent to the
// address that he claims, without remembering anything about him.
//
// An id is SipHash-2-4 of the source address (not the port: address translators change it), its
// two low bits replaced by the number of the key. Time is cut into epochs of `max_age_s`, each
// with a key of its own, derived from the secret and the epoch's number. The keys of the last,
// this and the next epoch are at hand, so an id is checked with one hash, no clock and no
// division, and the same few instructions fit into an XDP program. An id is honoured for at least
// max_age_s and less than twice that. The next epoch's key serves nodes that share a secret and
// whose clocks differ.
//
// Each worker owns one; equal arguments make interchangeable objects.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/endpoint.h"
#include "protocol/udp/message.h"

namespace aquatic::server {

class ConnectionIds {
 public:
  static constexpr std::size_t kSecretBytes = 32;
  using Secret = std::array<std::byte, kSecretBytes>;

  // `unix_start_s` is the wall clock at now = 0: it numbers the epochs alike on every node and
  // after a restart. Requires: max_age_s > 0.
  ConnectionIds(const Secret& secret, Seconds max_age_s, std::uint64_t unix_start_s) noexcept;

  // Moves on to the epoch of `now`. To be called before each batch; nearly always a comparison.
  void advance(Seconds now) noexcept {
    if (now - epoch_begin_ >= epoch_left_) enter_epoch_of(now);
  }

  udp::ConnectionId issue(const IpAddress& ip) const noexcept {
    return make(static_cast<unsigned>(epoch_ % kKeys), ip);
  }

  bool accepts(udp::ConnectionId id, const IpAddress& ip) const noexcept {
    const auto key = static_cast<unsigned>(id % kKeys);
    return key != dead_key_ && make(key, ip) == id;
  }

 private:
  static constexpr unsigned kKeys = 4;  // Named by two bits: last, this and next epoch, one unused.
  using Key = std::array<unsigned char, 16>;

  udp::ConnectionId make(unsigned key, const IpAddress& ip) const noexcept;
  void enter_epoch_of(Seconds now) noexcept;
  Key derive_key(std::uint64_t epoch) const noexcept;

  Secret secret_;
  std::uint64_t unix_start_s_;
  Seconds max_age_s_;
  std::uint64_t epoch_ = 0;
  Seconds epoch_begin_ = 0;  // A moment within the epoch, and how much of it is left from there.
  Seconds epoch_left_ = 0;
  unsigned dead_key_ = 0;
  std::array<Key, kKeys> keys_{};
};

}  // namespace aquatic::server
