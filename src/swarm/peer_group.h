// SPDX-License-Identifier: Apache-2.0
// What can be done with a few peers that lie side by side, seeders first.
//
// A view: the peers and their counts belong to somebody else. All searches are linear, so a group
// stays small.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "base/random.h"
#include "swarm/stored_peer.h"
#include "swarm/wire_writer.h"

namespace aquatic::swarm {

enum class Presence : std::uint8_t { absent, leecher, seeder };

struct GroupCounts {
  std::uint16_t size = 0;
  std::uint16_t seeders = 0;  // [0, seeders) seed, [seeders, size) leech.
};

template <class Peer>
class PeerGroup {
 public:
  PeerGroup(Peer* peers, GroupCounts& counts) noexcept : peers_(peers), counts_(counts) {}

  std::uint32_t size() const noexcept { return counts_.size; }
  std::uint32_t seeders() const noexcept { return counts_.seeders; }

  // Says what the peer was.
  Presence remove(const Peer& peer) noexcept {
    for (std::uint32_t i = 0; i < counts_.size; ++i) {
      if (is_same_peer(peers_[i], peer)) return remove_at(i);
    }
    return Presence::absent;
  }

  // Requires: room for one more, and a peer that is not here yet.
  void insert(const Peer& peer, bool is_seeder) noexcept {
    const std::uint16_t last = counts_.size++;
    peers_[last] = peer;
    if (is_seeder) std::swap(peers_[last], peers_[counts_.seeders++]);
  }

  // Removes each peer for which test(peer, is_seeder) is true, asking once for each.
  template <class Test>
  void remove_if(Test test) noexcept {
    // From last to first: what fills a gap has been asked already.
    for (std::uint32_t i = counts_.size; i-- > 0;) {
      if (test(peers_[i], i < counts_.seeders)) remove_at(i);
    }
  }

  // Appends `want` peers, each equally likely. Seeders and leechers contribute in proportion to
  // their numbers, so that small answers are mixed too. Requires: want <= size().
  void pick(std::uint32_t want, WireWriter<Peer>& out, Random& random) const noexcept {
    DCHECK(want <= size());
    if (want == size()) return out.append(peers_, want);
    // Rounded up or down at random, so that the expected share is exact.
    const std::uint32_t seeders_wanted = (want * seeders() + random.below(size())) / size();
    pick_run(0, seeders(), seeders_wanted, out, random);
    pick_run(seeders(), size() - seeders(), want - seeders_wanted, out, random);
  }

 private:
  Presence remove_at(std::uint32_t i) noexcept {
    const bool is_seeder = i < counts_.seeders;
    if (is_seeder) {
      // The last seeder fills the gap and leaves one at the border.
      peers_[i] = peers_[--counts_.seeders];
      i = counts_.seeders;
    }
    peers_[i] = peers_[--counts_.size];
    return is_seeder ? Presence::seeder : Presence::leecher;
  }

  // Appends `want` of the `count` peers from `first`: a run around the circle from a random start.
  void pick_run(std::uint32_t first, std::uint32_t count, std::uint32_t want, WireWriter<Peer>& out,
                Random& random) const noexcept {
    if (want == 0) return;
    const std::uint32_t start = random.below(count);
    const std::uint32_t until_end = std::min(want, count - start);
    out.append(peers_ + first + start, until_end);
    out.append(peers_ + first, want - until_end);
  }

  Peer* peers_;
  GroupCounts& counts_;
};

}  // namespace aquatic::swarm
