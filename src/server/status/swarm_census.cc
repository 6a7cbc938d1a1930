// SPDX-License-Identifier: Apache-2.0
#include "server/status/swarm_census.h"

#include <algorithm>
#include <span>
#include <utility>

namespace aquatic::server {
namespace {

using Ranked = SwarmCensus::Ranked;

// As many torrents as a lock is held for.
constexpr std::size_t kTorrentsPerPiece = 512;

// Equal counts are in the order of their info hashes, so that a ranking does not jump about.
bool is_before(const Ranked& a, const Ranked& b) noexcept {
  return a.count != b.count ? a.count > b.count : a.info_hash < b.info_hash;
}

// Keeps the first kRanks in a heap with the last of them on top.
void offer(std::vector<Ranked>& heap, const Ranked& candidate) {
  if (candidate.count == 0) return;
  if (heap.size() == SwarmCensus::kRanks) {
    if (!is_before(candidate, heap.front())) return;
    std::ranges::pop_heap(heap, is_before);
    heap.pop_back();
  }
  heap.push_back(candidate);
  std::ranges::push_heap(heap, is_before);
}

}  // namespace

void SwarmCensus::count_some() {
  const std::uint64_t torrents =
      swarm_.totals(Family::ipv4).torrents + swarm_.totals(Family::ipv6).torrents;
  std::size_t left = std::clamp<std::size_t>(torrents / kPassSeconds, kLeastPerTick, kMostPerTick);
  while (left > 0) {
    std::array<swarm::TorrentCounts, kTorrentsPerPiece> piece;
    const std::size_t count = swarm_.scrape_some(
        family_, cursor_, std::span(piece).first(std::min(left, kTorrentsPerPiece)));
    for (const auto& torrent : std::span(piece).first(count)) this->count(family_, torrent);
    left -= count;
    if (count > 0) continue;
    cursor_ = {};
    if (family_ == Family::ipv6) return end_pass();
    family_ = Family::ipv6;
  }
}

void SwarmCensus::count(Family family, const swarm::TorrentCounts& torrent) {
  Sums& sums = pass_.sums[static_cast<std::size_t>(family)];
  sums.seeders += torrent.counts.seeders;
  sums.downloads += torrent.counts.downloads;
  if (wants_ranking_) rank(family, torrent);
}

void SwarmCensus::rank(Family family, const swarm::TorrentCounts& torrent) {
  const Family other_family = family == Family::ipv4 ? Family::ipv6 : Family::ipv4;
  const swarm::Counts other = swarm_.scrape(swarm_.locate(other_family, torrent.info_hash));
  // Has been ranked with those of IPv4.
  if (family == Family::ipv6 && other.seeders + other.leechers > 0) return;
  const std::uint64_t seeders = std::uint64_t{torrent.counts.seeders} + other.seeders;
  const std::uint64_t leechers = std::uint64_t{torrent.counts.leechers} + other.leechers;
  offer(pass_.ranking.by_peers, {torrent.info_hash, seeders + leechers});
  offer(pass_.ranking.by_seeders, {torrent.info_hash, seeders});
}

void SwarmCensus::end_pass() {
  std::ranges::sort(pass_.ranking.by_peers, is_before);
  std::ranges::sort(pass_.ranking.by_seeders, is_before);
  done_ = std::exchange(pass_, {});
  family_ = Family::ipv4;
}

}  // namespace aquatic::server
