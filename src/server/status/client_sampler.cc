// SPDX-License-Identifier: Apache-2.0
#include "server/status/client_sampler.h"

namespace aquatic::server {

void ClientSampler::note(const Sighting& sighting, Seconds now) noexcept {
  Remembered& remembered = remembered_[sighting.hash % kRemembered];
  if (remembered.hash == sighting.hash && remembered.seen_at == now) return;
  remembered = {sighting.hash, now};

  const std::uint32_t next = written_.load(std::memory_order_relaxed);
  if (next - taken_.load(std::memory_order_acquire) == kRoom) {
    lost_.store(lost_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return;
  }
  (*ring_)[next % kRoom] = sighting;
  written_.store(next + 1, std::memory_order_release);
}

}  // namespace aquatic::server
