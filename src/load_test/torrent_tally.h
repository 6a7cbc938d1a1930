// SPDX-License-Identifier: Apache-2.0
// Responses per torrent, counted by all workers.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace aquatic::load_test {

class TorrentTally {
 public:
  explicit TorrentTally(std::size_t torrent_count) : counts_(torrent_count) {}

  void add(std::uint32_t torrent) noexcept {
    counts_[torrent].fetch_add(1, std::memory_order_relaxed);
  }
  std::vector<std::uint32_t> counts() const { return {counts_.begin(), counts_.end()}; }

 private:
  std::vector<std::atomic<std::uint32_t>> counts_;
};

}  // namespace aquatic::load_test
