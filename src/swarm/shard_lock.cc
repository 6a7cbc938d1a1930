// SPDX-License-Identifier: Apache-2.0
#include "swarm/shard_lock.h"

namespace aquatic::swarm {
namespace {

// About as long as an announce holds the lock. Longer, and the holder has lost its processor.
constexpr int kMaxSpins = 200;

}  // namespace

void ShardLock::lock_slowly() noexcept {
  for (int i = 0; i < kMaxSpins; ++i) {
    if (state_.load(std::memory_order_relaxed) == kFree && try_lock()) return;
  }
  // From here on the state says that somebody waits, even once this thread has the lock: the next
  // one to sleep must not be forgotten.
  while (state_.exchange(kAwaited, std::memory_order_acquire) != kFree) state_.wait(kAwaited);
}

}  // namespace aquatic::swarm
