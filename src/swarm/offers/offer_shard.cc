// SPDX-License-Identifier: Apache-2.0
#include "swarm/offers/offer_shard.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/info_hash_hasher.h"
#include "swarm/flat_map_memory.h"

namespace aquatic::offers {
namespace {

// Peers that are looked at while the lock is held once, and as many of them as a torrent counts:
// some microseconds.
constexpr std::uint32_t kWorkPerHold = 256;
constexpr std::uint32_t kWorkPerTorrent = 4;

// Offers of one announce at the most, whatever the settings say.
constexpr std::size_t kMaxOffers = 100;

// Memory for torrents that went is kept up to this factor, and for a handful in any case.
constexpr std::size_t kShrinkFactor = 8;
constexpr std::size_t kMinBuckets = 64;

struct Hasher {
  using is_avalanching = void;
  std::size_t operator()(const InfoHash& info_hash) const noexcept {
    return hasher.table(info_hash);
  }
  InfoHashHasher hasher;
};

}  // namespace

struct OfferShard::Table {
  explicit Table(std::uint64_t hash_seed) : numbers(0, Hasher{InfoHashHasher(hash_seed)}) {}

  std::vector<std::unique_ptr<OfferTorrent>> torrents;
  boost::unordered_flat_map<InfoHash, std::size_t, Hasher> numbers;
};

OfferShard::OfferShard() = default;
OfferShard::~OfferShard() = default;

void OfferShard::begin(const Rules& rules, std::uint64_t hash_seed) {
  rules_ = &rules;
  table_ = std::make_unique<Table>(hash_seed);
}

template <class Change>
auto OfferShard::counted(OfferTorrent& torrent, Change change) {
  peer_count_ -= torrent.size();
  seeder_count_ -= torrent.seeders();
  torrent_bytes_ -= torrent.memory_bytes();
  auto result = change();
  peer_count_ += torrent.size();
  seeder_count_ += torrent.seeders();
  torrent_bytes_ += torrent.memory_bytes();
  return result;
}

Expected<Announced, Refusal> OfferShard::announce(const InfoHash& info_hash,
                                                  const Announcement& announcement,
                                                  std::span<const OfferId> offers, Seconds now,
                                                  std::span<Connection> receivers,
                                                  Random& random) noexcept {
  const bool has_stopped = announcement.status == swarm::Status::stopped;
  const std::lock_guard hold(lock_);
  OfferTorrent* torrent = find(info_hash);
  if (torrent == nullptr && has_stopped) return Announced();
  OfferTorrent::Peer* const peer =
      torrent == nullptr ? nullptr : find_current(*torrent, announcement.peer_id, now);
  if (peer != nullptr && peer->connection != announcement.connection &&
      peer->ip_tag != rules_->hasher.tag(announcement.ip)) {
    return Unexpected<Refusal>(Refusal::foreign_peer_id);
  }
  if (torrent == nullptr) torrent = &find_or_add(info_hash);
  Announced announced;
  announced.receiver_count = counted(*torrent, [&]() -> std::uint32_t {
    if (update(*torrent, peer, announcement, now) == nullptr || offers.empty()) return 0;
    return static_cast<std::uint32_t>(
        offer(*torrent, announcement, offers, now, receivers, random));
  });
  announced.counts = torrent->counts();
  drop_if_empty(*torrent);
  return announced;
}

OfferTorrent::Peer* OfferShard::find_current(OfferTorrent& torrent, const PeerId& peer_id,
                                             Seconds now) {
  OfferTorrent::Peer* const peer = torrent.find(peer_id, *rules_);
  if (peer == nullptr || !OfferTorrent::is_expired(*peer, now, *rules_)) return peer;
  counted(torrent, [&] {
    torrent.remove(*peer, *rules_);
    return 0;
  });
  return nullptr;
}

OfferTorrent::Peer* OfferShard::update(OfferTorrent& torrent, OfferTorrent::Peer* peer,
                                       const Announcement& announcement, Seconds now) {
  const bool is_seeder = announcement.status == swarm::Status::seeder;
  const bool was_seeder = peer != nullptr && torrent.is_seeder(*peer);
  if (announcement.completed && is_seeder && !was_seeder) ++torrent.downloads;
  if (announcement.status == swarm::Status::stopped) {
    if (peer != nullptr) torrent.remove(*peer, *rules_);
    return nullptr;
  }
  if (peer == nullptr) {
    return &torrent.add({.peer_id = announcement.peer_id,
                         .announced_at = now,
                         .connection = announcement.connection,
                         .ip_tag = rules_->hasher.tag(announcement.ip),
                         .offers = {}},
                        is_seeder, *rules_);
  }
  if (peer->connection != announcement.connection) {
    // The program is back, and does not know what it offered on the connection before.
    peer->offers.clear();
    peer->connection = announcement.connection;
  }
  peer->announced_at = now;
  return &torrent.set_seeder(*peer, is_seeder, *rules_);
}

std::size_t OfferShard::offer(OfferTorrent& torrent, const Announcement& announcement,
                              std::span<const OfferId> offers, Seconds now,
                              std::span<Connection> receivers, Random& random) {
  std::array<PendingOffers::Tag, kMaxOffers> tags;
  const bool is_seeder = announcement.status == swarm::Status::seeder;
  const std::size_t count =
      torrent.choose({.from = announcement.connection, .is_seeder = is_seeder, .offers = offers},
                     now, receivers, tags, random, *rules_);
  // Choosing has moved peers about.
  PendingOffers& pending = torrent.find(announcement.peer_id, *rules_)->offers;
  for (const PendingOffers::Tag tag : std::span(tags).first(count)) {
    pending.add(tag, now, rules_->offers);
  }
  return count;
}

Expected<Connection, AnswerError> OfferShard::answer(const InfoHash& info_hash,
                                                     const Answer& answer, Seconds now) noexcept {
  const auto refuse = [](AnswerError error) { return Unexpected<AnswerError>(error); };
  const std::lock_guard hold(lock_);
  OfferTorrent* const torrent = find(info_hash);
  if (torrent == nullptr) return refuse(AnswerError::foreign_peer_id);
  const OfferTorrent::Peer* const answerer = torrent->find(answer.peer_id, *rules_);
  if (answerer == nullptr || answerer->connection != answer.connection) {
    return refuse(AnswerError::foreign_peer_id);
  }
  OfferTorrent::Peer* const offerer = torrent->find(answer.to_peer_id, *rules_);
  if (offerer == nullptr) return refuse(AnswerError::unknown_peer);
  const PendingOffers::Tag tag = rules_->hasher.tag(answer.peer_id, answer.offer_id);
  if (!offerer->offers.take(tag, now, rules_->offers)) return refuse(AnswerError::unknown_offer);
  return offerer->connection;
}

void OfferShard::leave(const InfoHash& info_hash, const PeerId& peer_id,
                       const Connection& connection) noexcept {
  const std::lock_guard hold(lock_);
  OfferTorrent* const torrent = find(info_hash);
  if (torrent == nullptr) return;
  OfferTorrent::Peer* const peer = torrent->find(peer_id, *rules_);
  if (peer == nullptr || peer->connection != connection) return;
  counted(*torrent, [&] {
    torrent->remove(*peer, *rules_);
    return 0;
  });
  drop_if_empty(*torrent);
}

swarm::Counts OfferShard::scrape(const InfoHash& info_hash) const noexcept {
  const std::lock_guard hold(lock_);
  const OfferTorrent* const torrent = find(info_hash);
  return torrent == nullptr ? swarm::Counts() : torrent->counts();
}

std::size_t OfferShard::scrape_some(std::size_t first,
                                    std::span<swarm::TorrentCounts> out) const noexcept {
  const std::lock_guard hold(lock_);
  const auto& torrents = table_->torrents;
  if (first >= torrents.size()) return 0;
  const std::size_t count = std::min(out.size(), torrents.size() - first);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = {torrents[first + i]->info_hash(), torrents[first + i]->counts()};
  }
  return count;
}

Totals OfferShard::totals() const noexcept {
  const std::lock_guard hold(lock_);
  const std::size_t table_bytes = sizeof(Table) +
                                  table_->torrents.capacity() * sizeof(table_->torrents[0]) +
                                  swarm::heap_bytes(table_->numbers);
  return {.torrents = table_->torrents.size(),
          .peers = peer_count_,
          .seeders = seeder_count_,
          .memory_bytes = sizeof(*this) + table_bytes + torrent_bytes_ + offer_bytes_};
}

void OfferShard::expire(Seconds now, const swarm::KeepTorrent& keep,
                        swarm::TorrentSizes* sizes) noexcept {
  Rest rest;
  for (;;) {
    expire_some(rest, now, keep, sizes);
    if (rest.torrents == 0) return;
    // Whoever takes the lock back at once can keep others from it for long.
    std::this_thread::yield();
  }
}

void OfferShard::expire_some(Rest& rest, Seconds now, const swarm::KeepTorrent& keep,
                             swarm::TorrentSizes* sizes) noexcept {
  const std::lock_guard hold(lock_);
  auto& torrents = table_->torrents;
  rest.torrents = std::min(rest.torrents, torrents.size());
  for (std::uint32_t work = 0; rest.torrents > 0 && work < kWorkPerHold; work += kWorkPerTorrent) {
    OfferTorrent& torrent = *torrents[rest.torrents - 1];
    const bool may_stay = keep(torrent.info_hash());
    if (may_stay) {
      const auto before = std::min(rest.peers, static_cast<std::uint32_t>(torrent.size()));
      rest.peers = counted(torrent, [&] {
        return torrent.expire(rest.peers, kWorkPerHold - work, now, *rules_, rest.offer_bytes);
      });
      work += before - rest.peers;
      if (rest.peers > 0) continue;
    }
    --rest.torrents;
    rest.peers = UINT32_MAX;
    if (!may_stay || torrent.size() == 0) {
      drop_at(rest.torrents);
    } else if (sizes != nullptr) {
      sizes->add(static_cast<std::uint32_t>(torrent.size()));
    }
  }
  if (rest.torrents > 0) return;
  offer_bytes_ = rest.offer_bytes;
  auto& numbers = table_->numbers;
  if (numbers.bucket_count() > kMinBuckets &&
      numbers.size() * kShrinkFactor < numbers.bucket_count()) {
    numbers.rehash(0);
    torrents.shrink_to_fit();
  }
}

OfferTorrent* OfferShard::find(const InfoHash& info_hash) const noexcept {
  const auto found = table_->numbers.find(info_hash);
  return found == table_->numbers.end() ? nullptr : table_->torrents[found->second].get();
}

OfferTorrent& OfferShard::find_or_add(const InfoHash& info_hash) {
  const auto [entry, is_new] = table_->numbers.try_emplace(info_hash, table_->torrents.size());
  if (is_new) {
    table_->torrents.push_back(std::make_unique<OfferTorrent>(info_hash));
    torrent_bytes_ += table_->torrents.back()->memory_bytes();
  }
  return *table_->torrents[entry->second];
}

void OfferShard::drop_if_empty(const OfferTorrent& torrent) noexcept {
  if (torrent.size() == 0) drop_at(table_->numbers.find(torrent.info_hash())->second);
}

void OfferShard::drop_at(std::size_t number) noexcept {
  auto& [torrents, numbers] = *table_;
  peer_count_ -= torrents[number]->size();
  seeder_count_ -= torrents[number]->seeders();
  torrent_bytes_ -= torrents[number]->memory_bytes();
  numbers.erase(torrents[number]->info_hash());
  std::swap(torrents[number], torrents.back());
  torrents.pop_back();
  if (number < torrents.size()) numbers[torrents[number]->info_hash()] = number;
}

}  // namespace aquatic::offers
