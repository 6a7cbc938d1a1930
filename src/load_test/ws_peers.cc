// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_peers.h"

#include "base/check.h"
#include "load_test/alias_table.h"

namespace aquatic::load_test {
namespace {

constexpr std::uint64_t kSeederSeed = 0x736565642121;

}  // namespace

WsPeers::WsPeers(const WsLoadTestConfig& config, const Population& population)
    : config_(config),
      population_(population),
      busy_count_(config.num_workers * config.num_connections_per_worker),
      count_(busy_count_ + config.num_workers * config.num_idle_connections_per_worker) {
  CHECK(population.peers().size() ==
        std::size_t{busy_count_} * config.torrents.torrents_per_connection);
}

std::uint32_t WsPeers::torrent_of(std::uint32_t connection, std::uint32_t turn) const noexcept {
  const std::uint32_t torrents = config_.torrents.number_of_torrents;
  if (is_idle(connection)) return torrents + (connection - busy_count_) % torrents;
  const std::uint32_t each = config_.torrents.torrents_per_connection;
  return population_.peers()[connection * each + turn % each].torrent;
}

bool WsPeers::has(std::uint32_t connection, std::uint32_t torrent) const noexcept {
  const std::uint32_t turns = is_idle(connection) ? 1 : config_.torrents.torrents_per_connection;
  for (std::uint32_t turn = 0; turn < turns; ++turn) {
    if (torrent_of(connection, turn) == torrent) return true;
  }
  return false;
}

bool WsPeers::is_seeder(std::uint32_t connection, std::uint32_t torrent) const noexcept {
  if (is_idle(connection)) return false;
  Random random(kSeederSeed + (std::uint64_t{connection} << 32) + torrent);
  return draw_share(random) < config_.torrents.peer_seeder_probability;
}

}  // namespace aquatic::load_test
