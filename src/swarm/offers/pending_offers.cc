// SPDX-License-Identifier: Apache-2.0
#include "swarm/offers/pending_offers.h"

#include <algorithm>

namespace aquatic::offers {

void PendingOffers::add(Tag tag, Seconds now, const Limits& limits) {
  drop_oldest(count_expired(now, limits));
  if (limits.max_count == 0) return;
  if (entries_.size() >= limits.max_count) drop_oldest(entries_.size() - limits.max_count + 1);
  entries_.push_back({.tag_low = static_cast<std::uint32_t>(tag),
                      .tag_high = static_cast<std::uint32_t>(tag >> 32),
                      .made_at = now});
}

bool PendingOffers::take(Tag tag, Seconds now, const Limits& limits) noexcept {
  const auto is_it = [tag](const Entry& entry) {
    return entry.tag_low == static_cast<std::uint32_t>(tag) &&
           entry.tag_high == static_cast<std::uint32_t>(tag >> 32);
  };
  const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(count_expired(now, limits));
  const auto found = std::find_if(first, entries_.end(), is_it);
  if (found == entries_.end()) return false;
  entries_.erase(found);
  return true;
}

void PendingOffers::expire(Seconds now, const Limits& limits) {
  const std::size_t count = count_expired(now, limits);
  if (count == 0) return;
  drop_oldest(count);
  entries_.shrink_to_fit();
}

std::size_t PendingOffers::count_expired(Seconds now, const Limits& limits) const noexcept {
  const auto is_expired = [&](const Entry& entry) {
    // It may be from the future: threads read the clock apart.
    return now > entry.made_at && now - entry.made_at > limits.max_age_s;
  };
  return static_cast<std::size_t>(std::find_if_not(entries_.begin(), entries_.end(), is_expired) -
                                  entries_.begin());
}

void PendingOffers::drop_oldest(std::size_t count) noexcept {
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace aquatic::offers
