// SPDX-License-Identifier: Apache-2.0
#include "swarm/expiry_pace.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace aquatic::swarm {

ExpiryPace::ExpiryPace(Seconds interval_s, std::uint32_t shard_count) noexcept
    : interval_s_(std::max<Seconds>(interval_s, 1)), shard_count_(shard_count) {
  CHECK(std::has_single_bit(shard_count));
}

std::uint32_t ExpiryPace::due(Seconds now) noexcept {
  const Seconds elapsed = now > asked_at_ ? now - asked_at_ : 0;
  asked_at_ = now;
  credit_ += std::uint64_t{std::min(elapsed, interval_s_)} * shard_count_;
  const auto count = static_cast<std::uint32_t>(credit_ / interval_s_);
  credit_ %= interval_s_;
  return count;
}

}  // namespace aquatic::swarm
