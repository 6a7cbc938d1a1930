// SPDX-License-Identifier: Apache-2.0
#include "swarm/swarm.h"

#include <bit>

#include "base/check.h"
#include "swarm/shard.h"

namespace aquatic::swarm {

namespace {

template <class Peer>
std::unique_ptr<Shard<Peer>[]> shards(bool are_used, std::uint32_t count) {
  return are_used ? std::make_unique<Shard<Peer>[]>(count) : nullptr;
}

}  // namespace

Swarm::Swarm(const Options& options)
    : hasher_(options.hash_seed),
      clock_(options.max_peer_age_s, options.expire_interval_s),
      shard_count_(options.shard_count),
      keeps_peer_ids_(options.keeps_peer_ids),
      v4_(shards<PeerV4>(!keeps_peer_ids_, shard_count_)),
      v6_(shards<PeerV6>(!keeps_peer_ids_, shard_count_)),
      v4_with_ids_(shards<PeerV4WithId>(keeps_peer_ids_, shard_count_)),
      v6_with_ids_(shards<PeerV6WithId>(keeps_peer_ids_, shard_count_)),
      pace_(options.expire_interval_s, 2 * options.shard_count),
      survey_(options.surveys_sizes ? std::make_unique<SizeSurvey>() : nullptr) {
  CHECK(std::has_single_bit(options.shard_count));
}

Swarm::~Swarm() = default;

template <class Use>
auto Swarm::with_shard(Family family, std::uint32_t shard, Use use) const noexcept {
  const bool is_v4 = family == Family::ipv4;
  if (keeps_peer_ids_) [[unlikely]]
    return is_v4 ? use(v4_with_ids_[shard]) : use(v6_with_ids_[shard]);
  return is_v4 ? use(v4_[shard]) : use(v6_[shard]);
}

TorrentKey Swarm::locate(Family family, const InfoHash& info_hash) const noexcept {
  const std::uint32_t shard = hasher_.steer(info_hash) & (shard_count_ - 1);
  with_shard(family, shard, [](const auto& at) { at.prefetch(); });
  return {info_hash, family, shard, hasher_.table(info_hash)};
}

void Swarm::prefetch_slot(const TorrentKey& key) const noexcept {
  with_shard(key.family, key.shard, [&](const auto& shard) { shard.prefetch_slot(key); });
}

void Swarm::prefetch_torrent(const TorrentKey& key) const noexcept {
  with_shard(key.family, key.shard, [&](const auto& shard) { shard.prefetch_torrent(key); });
}

void Swarm::prefetch_peers(const TorrentKey& key) const noexcept {
  with_shard(key.family, key.shard, [&](const auto& shard) { shard.prefetch_peers(key); });
}

Announced Swarm::announce(const TorrentKey& key, const Announcement& announcement, Seconds now,
                          MutableBytes peers, Random& random, std::span<PeerId> peer_ids) noexcept {
  const Tick tick = clock_.tick(now);
  return with_shard(key.family, key.shard, [&](auto& shard) {
    return shard.announce(key, announcement, tick, peers, random, peer_ids);
  });
}

Counts Swarm::scrape(const TorrentKey& key) const noexcept {
  return with_shard(key.family, key.shard, [&](const auto& shard) { return shard.scrape(key); });
}

std::size_t Swarm::scrape_some(Family family, ScrapeCursor& cursor,
                               std::span<TorrentCounts> out) const noexcept {
  DCHECK(!out.empty());
  std::size_t filled = 0;
  while (filled < out.size() && cursor.shard < shard_count_) {
    const std::size_t count = with_shard(family, cursor.shard, [&](const auto& shard) {
      return shard.scrape_some(cursor.position, out.subspan(filled));
    });
    filled += count;
    cursor.position += static_cast<std::uint32_t>(count);
    if (filled < out.size()) cursor = {cursor.shard + 1, 0};
  }
  return filled;
}

void Swarm::expire_some(Seconds now, const KeepTorrent& keep) {
  expire_next(pace_.due(now), now, keep);
}

void Swarm::expire_all(Seconds now, const KeepTorrent& keep) {
  expire_next(pace_.shard_count(), now, keep);
}

void Swarm::expire_next(std::uint32_t count, Seconds now, const KeepTorrent& keep) {
  const AgeLimit limit = clock_.limit_at(now);
  for (; count > 0; --count) {
    const std::uint32_t i = pace_.next();
    const Family family = i < shard_count_ ? Family::ipv4 : Family::ipv6;
    const std::uint32_t number = i & (shard_count_ - 1);
    TorrentSizes* const sizes = survey_ == nullptr ? nullptr : &survey_->under_way(family);
    with_shard(family, number, [&](auto& shard) { shard.expire(limit, keep, hasher_, sizes); });
    if (survey_ != nullptr && number == shard_count_ - 1) survey_->finish(family);
  }
}

const TorrentSizes* Swarm::torrent_sizes(Family family) const noexcept {
  return survey_ == nullptr ? nullptr : survey_->last(family);
}

Totals Swarm::totals(Family family) const noexcept {
  Totals sum;
  for (std::uint32_t i = 0; i < shard_count_; ++i) {
    const Totals shard = with_shard(family, i, [](const auto& at) { return at.totals(); });
    sum.torrents += shard.torrents;
    sum.peers += shard.peers;
    sum.memory_bytes += shard.memory_bytes;
  }
  return sum;
}

std::uint32_t Swarm::shard_count() const noexcept { return shard_count_; }

}  // namespace aquatic::swarm
