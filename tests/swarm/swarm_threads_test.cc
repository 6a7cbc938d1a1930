// SPDX-License-Identifier: Apache-2.0
// The swarm between threads: says most under ThreadSanitizer.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "swarm/swarm.h"
#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

bool keep_all(const InfoHash&) { return true; }

// --------------------------------------------

// Lesson X1 once more. Each thread adds peers of its own and expects to find them, while others do
// the same in the same torrents and expiry drops whatever has been empty for a moment.
TEST(SwarmThreads, NobodyIsLostBesideExpiry) {
  constexpr std::uint32_t kWorkers = 3;
  constexpr std::uint32_t kRounds = 4000;
  Swarm swarm(Options{.max_peer_age_s = 10, .expire_interval_s = 1, .shard_count = 2});
  std::atomic<std::uint32_t> running = kWorkers;
  std::atomic<std::uint32_t> lost = 0;
  const auto work = [&](std::uint32_t worker) {
    Random random(worker);
    std::array<std::byte, 300> room;
    for (std::uint32_t round = 0; round < kRounds; ++round) {
      const TorrentKey key = swarm.locate(Family::ipv4, sample_info_hash(random.below(20)));
      const Endpoint peer = sample_endpoint(Family::ipv4, worker * 1000 + random.below(200));
      swarm.prefetch_slot(key);
      swarm.prefetch_torrent(key);
      swarm.prefetch_peers(key);
      swarm.announce(key, {peer, Status::leecher}, 100, room, random);
      // He is there: another one is told of at least somebody.
      lost += swarm.scrape(key).leechers == 0;
      swarm.announce(key, {peer, Status::stopped}, 100, {}, random);
    }
    --running;
  };
  std::vector<std::jthread> workers;
  for (std::uint32_t worker = 0; worker < kWorkers; ++worker) workers.emplace_back(work, worker);
  while (running > 0) {
    swarm.expire_all(99, keep_all);
    EXPECT_LE(swarm.totals(Family::ipv4).torrents, 20u);
  }
  workers.clear();
  EXPECT_EQ(lost, 0u);
  swarm.expire_all(100, keep_all);
  EXPECT_EQ(swarm.totals(Family::ipv4).torrents, 0u);
  EXPECT_EQ(swarm.totals(Family::ipv4).peers, 0u);
}

}  // namespace
}  // namespace aquatic::swarm
