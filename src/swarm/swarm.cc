// SPDX-License-Identifier: Apache-2.0
#include "swarm/swarm.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "swarm/shard.h"

namespace aquatic::swarm {

Swarm::Swarm(const Options& options)
    : hasher_(options.hash_seed),
      clock_(options.max_peer_age_s, options.expire_interval_s),
      expire_interval_s_(options.expire_interval_s),
      shard_count_(options.shard_count),
      v4_(std::make_unique<Shard<PeerV4>[]>(options.shard_count)),
      v6_(std::make_unique<Shard<PeerV6>[]>(options.shard_count)) {
  CHECK(std::has_single_bit(options.shard_count));
}

Swarm::~Swarm() = default;

TorrentKey Swarm::locate(Family family, const InfoHash& info_hash) const noexcept {
  const std::uint32_t shard = hasher_.steer(info_hash) & (shard_count_ - 1);
  if (family == Family::ipv4) {
    v4_[shard].prefetch();
  } else {
    v6_[shard].prefetch();
  }
  return {info_hash, family, shard, hasher_.table(info_hash)};
}

void Swarm::prefetch_slot(const TorrentKey& key) const noexcept {
  if (key.family == Family::ipv4) return v4_[key.shard].prefetch_slot(key);
  v6_[key.shard].prefetch_slot(key);
}

void Swarm::prefetch_torrent(const TorrentKey& key) const noexcept {
  if (key.family == Family::ipv4) return v4_[key.shard].prefetch_torrent(key);
  v6_[key.shard].prefetch_torrent(key);
}

void Swarm::prefetch_peers(const TorrentKey& key) const noexcept {
  if (key.family == Family::ipv4) return v4_[key.shard].prefetch_peers(key);
  v6_[key.shard].prefetch_peers(key);
}

Announced Swarm::announce(const TorrentKey& key, const Announcement& announcement, Seconds now,
                          MutableBytes peers, Random& random,
                          [[maybe_unused]] std::span<PeerId> peer_ids) noexcept {
  const Tick tick = clock_.tick(now);
  return key.family == Family::ipv4
             ? v4_[key.shard].announce(key, announcement, tick, peers, random)
             : v6_[key.shard].announce(key, announcement, tick, peers, random);
}

Counts Swarm::scrape(const TorrentKey& key) const noexcept {
  return key.family == Family::ipv4 ? v4_[key.shard].scrape(key) : v6_[key.shard].scrape(key);
}

void Swarm::expire_some(Seconds now, const KeepTorrent& keep) {
  // A clock that went back owes nothing; one that jumped ahead owes one pass.
  const Seconds elapsed = now > expired_at_ ? now - expired_at_ : 0;
  const Seconds interval = std::max<Seconds>(expire_interval_s_, 1);
  expired_at_ = now;
  expiry_credit_ += std::uint64_t{std::min(elapsed, interval)} * 2 * shard_count_;
  expire_next(expiry_credit_ / interval, now, keep);
  expiry_credit_ %= interval;
}

void Swarm::expire_all(Seconds now, const KeepTorrent& keep) {
  expire_next(2 * shard_count_, now, keep);
}

void Swarm::expire_next(std::uint64_t count, Seconds now, const KeepTorrent& keep) {
  const AgeLimit limit = clock_.limit_at(now);
  for (; count > 0; --count) {
    const std::uint32_t i = expiry_cursor_++ & (2 * shard_count_ - 1);
    if (i < shard_count_) {
      v4_[i].expire(limit, keep, hasher_);
    } else {
      v6_[i - shard_count_].expire(limit, keep, hasher_);
    }
  }
}

Totals Swarm::totals(Family family) const noexcept {
  Totals sum;
  for (std::uint32_t i = 0; i < shard_count_; ++i) {
    const Totals shard = family == Family::ipv4 ? v4_[i].totals() : v6_[i].totals();
    sum.torrents += shard.torrents;
    sum.peers += shard.peers;
  }
  return sum;
}

std::uint32_t Swarm::shard_count() const noexcept { return shard_count_; }

}  // namespace aquatic::swarm
