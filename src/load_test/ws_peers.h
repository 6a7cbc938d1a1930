// SPDX-License-Identifier: Apache-2.0
// Which connection of a WebTorrent load test is in which torrents.
//
// Connections have numbers in the whole load test: those that announce all the time first, then
// the idle ones, which keep to torrents of their own. Immutable, hence safe to share between
// threads.
#pragma once
#include <cstdint>

#include "base/info_hash.h"
#include "load_test/population.h"
#include "load_test/ws_load_test_config.h"

namespace aquatic::load_test {

class WsPeers {
 public:
  // Borrows both. Requires: a population of busy_count() times torrents_per_connection peers.
  WsPeers(const WsLoadTestConfig& config, const Population& population);

  std::uint32_t busy_count() const noexcept { return busy_count_; }
  std::uint32_t count() const noexcept { return count_; }
  bool is_idle(std::uint32_t connection) const noexcept { return connection >= busy_count_; }

  // The torrent of a connection's announce number `turn`.
  std::uint32_t torrent_of(std::uint32_t connection, std::uint32_t turn) const noexcept;
  bool has(std::uint32_t connection, std::uint32_t torrent) const noexcept;
  // Whether it seeds that torrent, always the same.
  bool is_seeder(std::uint32_t connection, std::uint32_t torrent) const noexcept;

 private:
  const WsLoadTestConfig& config_;
  const Population& population_;
  std::uint32_t busy_count_;
  std::uint32_t count_;
};

}  // namespace aquatic::load_test
