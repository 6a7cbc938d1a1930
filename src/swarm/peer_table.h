// SPDX-License-Identifier: Apache-2.0
// The peers of a big swarm: linear hashing over buckets of about two dozen.
//
// A keyed hash chooses the bucket, so finding a peer takes as long among a million as among a
// hundred. The number of buckets follows the number of peers one by one: each insert splits at
// most one bucket, each removal merges at most one, and none is ever walked in between. So no
// single announce pays for the size of its swarm.
//
//   buckets:  | 0 | 1 | 2 | 3 | 4 | 5 |      six; the mask is seven, and where hash & 7 is not
//               \___________ /   \          there yet, hash & 3 is. The next split is of bucket 2
//                     2 ------> 6            into 2 and 6.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/random.h"
#include "swarm/peer_block.h"
#include "swarm/peer_clock.h"
#include "swarm/peer_hasher.h"

namespace aquatic::swarm {

template <class Peer>
class PeerTable {
 public:
  explicit PeerTable(std::uint64_t secret);

  std::uint32_t size() const noexcept { return size_; }
  std::uint32_t seeders() const noexcept { return seeders_; }

  // But for the room that its buckets do not use.
  std::size_t heap_bytes() const noexcept {
    return sizeof(*this) + segments_.size() * sizeof(Segment) + size_ * sizeof(Peer);
  }

  // Says what the peer was.
  Presence remove(const Peer& peer) noexcept;
  // Requires: a peer that is not here yet.
  void insert(const Peer& peer, bool is_seeder) noexcept;
  // Appends `want` peers, each equally likely. Requires: want <= size().
  void pick(std::uint32_t want, WireWriter<Peer>& out, Random& random) const noexcept;

  // Drops the silent peers of one bucket and returns how many peers it looked at. Whoever goes
  // from the last bucket to the first misses nobody, although buckets are merged on the way (a
  // peer whose bucket is split behind him has to wait for the next time).
  std::uint32_t expire(std::uint32_t bucket, AgeLimit limit) noexcept;
  std::uint32_t bucket_count() const noexcept { return bucket_count_; }

  // Moves every peer into a block.
  PeerBlock<Peer> take_all() noexcept;

 private:
  using Bucket = PeerBlock<Peer>;
  // The list of buckets grows by this many, so that growth never copies it.
  static constexpr std::uint32_t kSegmentBuckets = 16;
  using Segment = std::array<Bucket, kSegmentBuckets>;

  struct Place {
    std::uint32_t bucket;
    std::uint32_t index;
  };

  Bucket& bucket(std::uint32_t i) const noexcept {
    return (*segments_[i / kSegmentBuckets])[i % kSegmentBuckets];
  }
  std::uint32_t bucket_of(const Peer& peer) const noexcept;
  // The bucket that `bucket` was split from.
  static std::uint32_t parent_of(std::uint32_t bucket) noexcept;
  Place random_peer(Random& random) const noexcept;
  void prefetch_run(std::uint32_t bucket, std::uint32_t want) const noexcept;
  void split() noexcept;
  void merge() noexcept;

  PeerHasher hasher_;
  std::uint32_t size_ = 0;
  std::uint32_t seeders_ = 0;
  std::uint32_t bucket_count_ = 0;
  std::vector<std::unique_ptr<Segment>> segments_;
};

extern template class PeerTable<PeerV4>;
extern template class PeerTable<PeerV6>;
extern template class PeerTable<PeerV4WithId>;
extern template class PeerTable<PeerV6WithId>;

}  // namespace aquatic::swarm
