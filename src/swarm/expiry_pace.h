// SPDX-License-Identifier: Apache-2.0
// Whose turn it is to expire: goes round a number of shards once in an interval, a share of them at
// each call.
#pragma once
#include <cstdint>

#include "base/clock.h"

namespace aquatic::swarm {

class ExpiryPace {
 public:
  // Requires: shard_count is a power of two.
  ExpiryPace(Seconds interval_s, std::uint32_t shard_count) noexcept;

  // For how many shards the turn has come since the last call. A clock that went back owes nothing;
  // one that jumped ahead owes one round.
  std::uint32_t due(Seconds now) noexcept;
  // The shard that is next.
  std::uint32_t next() noexcept { return cursor_++ & (shard_count_ - 1); }

  std::uint32_t shard_count() const noexcept { return shard_count_; }

 private:
  Seconds interval_s_;
  std::uint32_t shard_count_;
  Seconds asked_at_ = 0;
  std::uint64_t credit_ = 0;  // Shards that are owed, times the interval.
  std::uint32_t cursor_ = 0;
};

}  // namespace aquatic::swarm
