// SPDX-License-Identifier: Apache-2.0
#include "server/stream/crowd_memory.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace aquatic::server {

bool CrowdMemory::update(std::uint64_t open) noexcept {
  most_ = std::max(most_, open);
  const bool is_leaving = open < std::exchange(last_, open);
  if (is_leaving || most_ - open < std::max(kLeastCrowd, most_ / 2)) return false;
  most_ = open;
  malloc_trim(0);
  return true;
}

}  // namespace aquatic::server
