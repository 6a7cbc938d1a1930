// SPDX-License-Identifier: Apache-2.0
// The offers of one peer in one torrent that wait for an answer, oldest first.
//
// An offer is known by a keyed hash of who got it and of its id: twelve bytes each. Not
// thread-safe: the shard's lock guards it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace aquatic::offers {

class PendingOffers {
 public:
  using Tag = std::uint64_t;

  struct Limits {
    Seconds max_age_s = 120;
    std::size_t max_count = 64;
  };

  // Offers that are too old, and the oldest if there are too many, make room. Threads read
  // the clock apart, so `now` may go back a little: an offer from the future is not old.
  void add(Tag tag, Seconds now, const Limits& limits);
  // Takes an offer, if it is there and not too old.
  bool take(Tag tag, Seconds now, const Limits& limits) noexcept;
  // Drops those that are too old, and gives their memory back.
  void expire(Seconds now, const Limits& limits);
  void clear() noexcept { entries_ = {}; }

  std::size_t size() const noexcept { return entries_.size(); }
  // Beyond the object itself.
  std::size_t memory_bytes() const noexcept { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    std::uint32_t tag_low;
    std::uint32_t tag_high;
    Seconds made_at;
  };
  static_assert(sizeof(Entry) == 12);

  std::size_t count_expired(Seconds now, const Limits& limits) const noexcept;
  void drop_oldest(std::size_t count) noexcept;

  std::vector<Entry> entries_;
};

}  // namespace aquatic::offers
