// SPDX-License-Identifier: Apache-2.0
#include "swarm/offers/offer_swarm.h"

#include <bit>

#include "base/check.h"
#include "swarm/offers/offer_shard.h"

namespace aquatic::offers {

OfferSwarm::OfferSwarm(const Options& options)
    : options_(options),
      rules_(std::make_unique<const Rules>(Rules{
          .max_peer_age_s = options.max_peer_age_s,
          .offers = {.max_age_s = options.max_offer_age_s, .max_count = options.max_pending_offers},
          .hasher = PeerIdHasher(options.hash_seed)})),
      hasher_(options.hash_seed),
      shards_(std::make_unique<OfferShard[]>(std::size_t{2} * options.shard_count)),
      pace_(options.expire_interval_s, 2 * options.shard_count),
      survey_(options.surveys_sizes ? std::make_unique<swarm::SizeSurvey>() : nullptr) {
  CHECK(std::has_single_bit(options.shard_count));
  for (std::uint32_t i = 0; i < 2 * options.shard_count; ++i) {
    shards_[i].begin(*rules_, options.hash_seed);
  }
}

OfferSwarm::~OfferSwarm() = default;

OfferShard& OfferSwarm::shard_of(const Torrent& torrent) const noexcept {
  const std::uint32_t number = hasher_.steer(torrent.info_hash) & (options_.shard_count - 1);
  return shards_[torrent.family == Family::ipv4 ? number : options_.shard_count + number];
}

Expected<Announced, Refusal> OfferSwarm::announce(const Torrent& torrent,
                                                  const Announcement& announcement,
                                                  std::span<const OfferId> offers, Seconds now,
                                                  std::span<Connection> receivers,
                                                  Random& random) noexcept {
  return shard_of(torrent).announce(torrent.info_hash, announcement, offers, now, receivers,
                                    random);
}

Expected<Connection, AnswerError> OfferSwarm::answer(const Torrent& torrent, const Answer& answer,
                                                     Seconds now) noexcept {
  return shard_of(torrent).answer(torrent.info_hash, answer, now);
}

swarm::Counts OfferSwarm::scrape(const Torrent& torrent) const noexcept {
  return shard_of(torrent).scrape(torrent.info_hash);
}

std::size_t OfferSwarm::scrape_some(Family family, swarm::ScrapeCursor& cursor,
                                    std::span<swarm::TorrentCounts> out) const noexcept {
  DCHECK(!out.empty());
  const std::uint32_t first = family == Family::ipv4 ? 0 : options_.shard_count;
  std::size_t filled = 0;
  while (filled < out.size() && cursor.shard < options_.shard_count) {
    const std::size_t count =
        shards_[first + cursor.shard].scrape_some(cursor.position, out.subspan(filled));
    filled += count;
    cursor.position += static_cast<std::uint32_t>(count);
    if (filled < out.size()) cursor = {.shard = cursor.shard + 1, .position = 0};
  }
  return filled;
}

void OfferSwarm::leave(const Torrent& torrent, const PeerId& peer_id,
                       const Connection& connection) noexcept {
  shard_of(torrent).leave(torrent.info_hash, peer_id, connection);
}

void OfferSwarm::expire_some(Seconds now, const swarm::KeepTorrent& keep) {
  expire_next(pace_.due(now), now, keep);
}

void OfferSwarm::expire_all(Seconds now, const swarm::KeepTorrent& keep) {
  expire_next(pace_.shard_count(), now, keep);
}

void OfferSwarm::expire_next(std::uint32_t count, Seconds now, const swarm::KeepTorrent& keep) {
  for (; count > 0; --count) {
    const std::uint32_t i = pace_.next();
    if (survey_ == nullptr) {
      shards_[i].expire(now, keep);
      continue;
    }
    const Family family = i < options_.shard_count ? Family::ipv4 : Family::ipv6;
    shards_[i].expire(now, keep, &survey_->under_way(family));
    if ((i + 1) % options_.shard_count == 0) survey_->finish(family);
  }
}

const swarm::TorrentSizes* OfferSwarm::torrent_sizes(Family family) const noexcept {
  return survey_ == nullptr ? nullptr : survey_->last(family);
}

Totals OfferSwarm::totals(Family family) const noexcept {
  const std::uint32_t first = family == Family::ipv4 ? 0 : options_.shard_count;
  Totals sum;
  for (std::uint32_t i = first; i < first + options_.shard_count; ++i) {
    const Totals shard = shards_[i].totals();
    sum.torrents += shard.torrents;
    sum.peers += shard.peers;
    sum.seeders += shard.seeders;
    sum.memory_bytes += shard.memory_bytes;
  }
  return sum;
}

}  // namespace aquatic::offers
