// SPDX-License-Identifier: Apache-2.0
// The peer ids of which a worker lets the control loop know, for the census of clients: those whose
// keyed hash is below a limit, so that all workers choose the same ones, each peer id is chosen or
// not whatever it is used for, and nobody can choose to be chosen.
//
// The worker sees and the control loop takes; neither ever waits. For a peer id that is not chosen
// the worker pays a hash and a compare.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/info_hash.h"
#include "metrics/counters.h"
#include "swarm/offers/peer_id_hasher.h"

namespace aquatic::server {

class ClientSampler {
 public:
  struct Sighting {
    std::uint64_t hash = 0;
    PeerId peer_id;
  };
  // Peers that are chosen have the lowest hashes, up to this one.
  using Limit = std::atomic<std::uint64_t>;

  // Sightings that fit in between two takes; what is beyond is lost, and counted.
  static constexpr std::uint32_t kRoom = 2048;

  // Borrows both.
  ClientSampler(const offers::PeerIdHasher& hasher, const Limit& limit)
      : hasher_(hasher), limit_(limit), ring_(std::make_unique<std::array<Sighting, kRoom>>()) {}

  // A peer who has announced, and not to say that he stops. By the worker.
  void see(const PeerId& peer_id, Seconds now) noexcept {
    const std::uint64_t hash = hasher_(peer_id);
    if (hash <= limit_.load(std::memory_order_relaxed)) note({hash, peer_id}, now);
  }

  // Calls use(sighting) for what was seen since the last time. By the control loop.
  template <class Use>
  void take(Use use) {
    const std::uint32_t end = written_.load(std::memory_order_acquire);
    std::uint32_t next = taken_.load(std::memory_order_relaxed);
    for (; next != end; ++next) use((*ring_)[next % kRoom]);
    taken_.store(next, std::memory_order_release);
  }
  // Sightings so far for which there was no room.
  std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  // Peer ids of which a second sighting within a second is left out: a peer with many torrents, or
  // one who wants to fill the room.
  static constexpr std::size_t kRemembered = 256;
  struct Remembered {
    std::uint64_t hash = 0;
    Seconds seen_at = 0;
  };

  void note(const Sighting& sighting, Seconds now) noexcept;

  const offers::PeerIdHasher& hasher_;
  const Limit& limit_;
  const std::unique_ptr<std::array<Sighting, kRoom>> ring_;
  std::array<Remembered, kRemembered> remembered_;
  // Both count up for ever and wrap around.
  alignas(metrics::kNoFalseSharing) std::atomic<std::uint32_t> written_ = 0;
  std::atomic<std::uint64_t> lost_ = 0;
  alignas(metrics::kNoFalseSharing) std::atomic<std::uint32_t> taken_ = 0;
};

}  // namespace aquatic::server
