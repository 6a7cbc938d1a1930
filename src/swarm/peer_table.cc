// SPDX-License-Identifier: Apache-2.0
#include "swarm/peer_table.h"

#include <bit>

namespace aquatic::swarm {
namespace {

// Enough for the smallest table, a full block: half full.
constexpr std::uint32_t kMinBuckets = 4;
// Peers in a bucket on average. More make searches longer, fewer waste memory on headers. Between
// the two nothing is split or merged, so that coming and going at a border costs nothing.
constexpr std::uint32_t kSplitAbove = 24;
constexpr std::uint32_t kMergeBelow = 12;

// A bucket's size varies around 12 to 48 and hardly ever gets beyond this.
constexpr std::uint32_t kBoardHeight = 64;
// Darts fly together, so that their cache misses overlap. At the least density one misses with a
// probability of 0.82, all of them with one of 0.002.
constexpr std::size_t kDarts = 4;
constexpr int kMaxRounds = 8;

// Buckets to load at once: a few dozen lines, which is what a core can wait for.
constexpr std::uint32_t kMaxPrefetched = 4;

}  // namespace

template <class Peer>
PeerTable<Peer>::PeerTable(std::uint64_t secret) : hasher_(secret) {
  static_assert(kMinBuckets <= kSegmentBuckets);
  segments_.push_back(std::make_unique<Segment>());
  bucket_count_ = kMinBuckets;
}

template <class Peer>
std::uint32_t PeerTable<Peer>::bucket_of(const Peer& peer) const noexcept {
  const std::uint32_t mask = std::bit_ceil(bucket_count_) - 1;
  const std::uint32_t bucket = static_cast<std::uint32_t>(hasher_(peer)) & mask;
  return bucket < bucket_count_ ? bucket : bucket & (mask >> 1);
}

template <class Peer>
std::uint32_t PeerTable<Peer>::parent_of(std::uint32_t bucket) noexcept {
  return bucket - std::bit_floor(bucket);
}

template <class Peer>
Presence PeerTable<Peer>::remove(const Peer& peer) noexcept {
  const Presence presence = bucket(bucket_of(peer)).group().remove(peer);
  if (presence == Presence::absent) return presence;
  --size_;
  seeders_ -= presence == Presence::seeder;
  if (size_ < bucket_count_ * kMergeBelow && bucket_count_ > kMinBuckets) merge();
  return presence;
}

template <class Peer>
void PeerTable<Peer>::insert(const Peer& peer, bool is_seeder) noexcept {
  bucket(bucket_of(peer)).insert(peer, is_seeder);
  ++size_;
  seeders_ += is_seeder;
  if (size_ > bucket_count_ * kSplitAbove) split();
}

template <class Peer>
void PeerTable<Peer>::pick(std::uint32_t want, WireWriter<Peer>& out,
                           Random& random) const noexcept {
  // All buckets one after the other are a circle of peers, of which a run is wanted from a random
  // peer on.
  auto [i, start] = random_peer(random);
  prefetch_run(i, want);
  while (want > 0) {
    const Bucket& from = bucket(i);
    const std::uint32_t count = std::min(want, from.size() - start);
    out.append(from.peers() + start, count);
    want -= count;
    start = 0;
    if (++i == bucket_count_) i = 0;
  }
}

// Throws darts at a board with a row of equally many places for each bucket until one hits a peer:
// that makes each equally likely.
template <class Peer>
auto PeerTable<Peer>::random_peer(Random& random) const noexcept -> Place {
  std::array<Place, kDarts> darts;
  for (int round = 0; round < kMaxRounds; ++round) {
    for (Place& dart : darts) {
      const std::uint64_t number = random();
      dart.bucket = static_cast<std::uint32_t>(((number >> 32) * bucket_count_) >> 32);
      dart.index = static_cast<std::uint32_t>(number % kBoardHeight);
      __builtin_prefetch(&bucket(dart.bucket));
    }
    for (const Place& dart : darts) {
      if (dart.index < bucket(dart.bucket).size()) return dart;
    }
  }
  return {darts[0].bucket, 0};
}

// Asks for all buckets that `want` peers are likely to come from: their cache misses overlap.
template <class Peer>
void PeerTable<Peer>::prefetch_run(std::uint32_t i, std::uint32_t want) const noexcept {
  const std::uint32_t count = std::min(want / kSplitAbove + 2, kMaxPrefetched);
  for (std::uint32_t end = std::min(i + count, bucket_count_); i < end; ++i) bucket(i).prefetch();
}

template <class Peer>
std::uint32_t PeerTable<Peer>::expire(std::uint32_t i, AgeLimit limit) noexcept {
  Bucket& swept = bucket(i);
  const std::uint32_t before = swept.size();
  const std::uint32_t seeders_before = swept.seeders();
  swept.group().remove_if([&](const Peer& peer, bool) { return limit.is_over(peer.last_seen); });
  swept.shrink();
  size_ -= before - swept.size();
  seeders_ -= seeders_before - swept.seeders();
  // One merge for each twelve peers that have gone.
  while (size_ < bucket_count_ * kMergeBelow && bucket_count_ > kMinBuckets) merge();
  return before;
}

template <class Peer>
PeerBlock<Peer> PeerTable<Peer>::take_all() noexcept {
  PeerBlock<Peer> all;
  all.reserve(size_);
  for (std::uint32_t i = 0; i < bucket_count_; ++i) {
    bucket(i).group().remove_if([&](const Peer& peer, bool is_seeder) {
      all.insert(peer, is_seeder);
      return true;
    });
  }
  size_ = seeders_ = 0;
  return all;
}

template <class Peer>
void PeerTable<Peer>::split() noexcept {
  const std::uint32_t fresh = bucket_count_;
  if (fresh == segments_.size() * kSegmentBuckets) {
    segments_.push_back(std::make_unique<Segment>());
  }
  ++bucket_count_;
  Bucket& from = bucket(parent_of(fresh));
  Bucket& to = bucket(fresh);
  to.reserve(from.size() / 2);
  from.group().remove_if([&](const Peer& peer, bool is_seeder) {
    if (bucket_of(peer) != fresh) return false;
    to.insert(peer, is_seeder);
    return true;
  });
  from.shrink();
}

template <class Peer>
void PeerTable<Peer>::merge() noexcept {
  const std::uint32_t last = --bucket_count_;
  Bucket from = std::move(bucket(last));
  Bucket& to = bucket(parent_of(last));
  to.reserve(to.size() + from.size());
  from.group().remove_if([&](const Peer& peer, bool is_seeder) {
    to.insert(peer, is_seeder);
    return true;
  });
  if (last % kSegmentBuckets == 0) segments_.pop_back();
}

template class PeerTable<PeerV4>;
template class PeerTable<PeerV6>;
template class PeerTable<PeerV4WithId>;
template class PeerTable<PeerV6WithId>;

}  // namespace aquatic::swarm
