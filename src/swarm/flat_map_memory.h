// SPDX-License-Identifier: Apache-2.0
// What a hash map of Boost.Unordered's flat kind takes, which it does not say itself.
#pragma once
#include <cstddef>

namespace aquatic::swarm {

// Its table of slots: they stand in groups of fifteen, each with sixteen bytes about them.
template <class FlatMap>
std::size_t heap_bytes(const FlatMap& map) noexcept {
  constexpr std::size_t kGroupSlots = 15;
  constexpr std::size_t kGroupBytes = 16;
  const std::size_t slots = map.bucket_count();
  return slots * sizeof(typename FlatMap::value_type) + slots / kGroupSlots * kGroupBytes;
}

}  // namespace aquatic::swarm
