// SPDX-License-Identifier: Apache-2.0
#include "swarm/offers/offer_torrent.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "base/check.h"
#include "swarm/flat_map_memory.h"

namespace aquatic::offers {
namespace {

// Up to so many, looking through all takes no longer than an index would; far below, it goes, so
// that a torrent of changing size does not make and drop it all the time.
constexpr std::size_t kMaxWithoutIndex = 16;
constexpr std::size_t kMinWithIndex = kMaxWithoutIndex / 2;

// Peers that one announce looks at beyond those that it chooses: it has to pass over those that are
// too old, drops them, and so leaves fewer to the next.
constexpr std::size_t kMaxPassedOver = 256;

// Memory for peers that left is kept up to this factor.
constexpr std::size_t kShrinkFactor = 4;

}  // namespace

struct OfferTorrent::Index {
  explicit Index(const PeerIdHasher& hasher) : positions(0, hasher) {}

  boost::unordered_flat_map<PeerId, Position, PeerIdHasher> positions;
};

OfferTorrent::OfferTorrent(const InfoHash& info_hash) : info_hash_(info_hash) {}
OfferTorrent::~OfferTorrent() = default;

swarm::Counts OfferTorrent::counts() const noexcept {
  return {.seeders = seeder_count_,
          .leechers = static_cast<std::uint32_t>(peers_.size()) - seeder_count_,
          .downloads = downloads};
}

std::size_t OfferTorrent::memory_bytes() const noexcept {
  const std::size_t bytes = sizeof(*this) + peers_.capacity() * sizeof(Peer);
  return index_ == nullptr ? bytes : bytes + sizeof(Index) + swarm::heap_bytes(index_->positions);
}

OfferTorrent::Peer* OfferTorrent::find(const PeerId& peer_id, const Rules&) noexcept {
  if (index_ != nullptr) {
    const auto found = index_->positions.find(peer_id);
    return found == index_->positions.end() ? nullptr : &peers_[found->second];
  }
  const auto found = std::ranges::find(peers_, peer_id, &Peer::peer_id);
  return found == peers_.end() ? nullptr : &*found;
}

bool OfferTorrent::is_seeder(const Peer& peer) const noexcept {
  return position_of(peer) < seeder_count_;
}

OfferTorrent::Peer& OfferTorrent::add(Peer peer, bool is_seeder, const Rules& rules) {
  peers_.push_back(std::move(peer));
  const auto last = static_cast<Position>(peers_.size() - 1);
  if (index_ != nullptr) index_->positions[peers_[last].peer_id] = last;
  update_index(rules);
  return is_seeder ? set_seeder(peers_[last], true, rules) : peers_[last];
}

void OfferTorrent::remove(const Peer& peer, const Rules& rules) {
  remove_at(position_of(peer), rules);
  update_index(rules);
  if (peers_.size() * kShrinkFactor < peers_.capacity()) peers_.shrink_to_fit();
}

OfferTorrent::Peer& OfferTorrent::set_seeder(Peer& peer, bool is_seeder, const Rules& rules) {
  const Position position = position_of(peer);
  if (is_seeder == (position < seeder_count_)) return peer;
  // The border between the groups moves by one, and the peer is next to it.
  const Position border = is_seeder ? seeder_count_++ : --seeder_count_;
  swap(position, border, rules);
  return peers_[border];
}

void OfferTorrent::swap(Position a, Position b, const Rules&) {
  if (a == b) return;
  std::swap(peers_[a], peers_[b]);
  if (index_ == nullptr) return;
  index_->positions[peers_[a].peer_id] = a;
  index_->positions[peers_[b].peer_id] = b;
}

void OfferTorrent::remove_at(Position position, const Rules& rules) {
  if (position < seeder_count_) {
    swap(position, --seeder_count_, rules);
    position = seeder_count_;
  }
  swap(position, static_cast<Position>(peers_.size() - 1), rules);
  if (index_ != nullptr) index_->positions.erase(peers_.back().peer_id);
  peers_.pop_back();
}

void OfferTorrent::update_index(const Rules& rules) {
  if (index_ != nullptr) {
    if (peers_.size() < kMinWithIndex) index_.reset();
    return;
  }
  if (peers_.size() <= kMaxWithoutIndex) return;
  index_ = std::make_unique<Index>(rules.hasher);
  index_->positions.reserve(peers_.size());
  for (Position i = 0; i < peers_.size(); ++i) index_->positions[peers_[i].peer_id] = i;
}

// Shuffles the front of a group, as far as it takes. The order of peers means nothing, so it may
// change.
class OfferTorrent::Chooser {
 public:
  Chooser(OfferTorrent& torrent, const Offering& offering, Seconds now,
          std::span<Connection> receivers, std::span<PendingOffers::Tag> tags, Random& random,
          const Rules& rules)
      : torrent_(torrent),
        offering_(offering),
        now_(now),
        receivers_(receivers),
        tags_(tags),
        random_(random),
        rules_(rules),
        wanted_(std::min({offering.offers.size(), receivers.size(), tags.size()})) {}

  void choose_seeders() {
    Position next = 0;
    while (wants_more() && next < torrent_.seeder_count_) look_at(next, torrent_.seeder_count_);
  }
  void choose_leechers() {
    Position next = torrent_.seeder_count_;
    while (wants_more() && next < torrent_.peers_.size()) {
      // Dropping a seeder is not for this group: only what is behind `next` changes.
      look_at(next, static_cast<Position>(torrent_.peers_.size()));
    }
  }
  std::size_t count() const noexcept { return count_; }

 private:
  bool wants_more() const noexcept { return count_ < wanted_ && passed_over_ < kMaxPassedOver; }

  // Brings one of [next, end) to `next` and takes it, passes it over, or drops it.
  void look_at(Position& next, Position end) {
    torrent_.swap(next, next + random_.below(end - next), rules_);
    const Peer& peer = torrent_.peers_[next];
    if (is_expired(peer, now_, rules_)) {
      ++passed_over_;
      torrent_.remove_at(next, rules_);
    } else if (peer.connection == offering_.from) {
      ++passed_over_;
      ++next;
    } else {
      receivers_[count_] = peer.connection;
      tags_[count_] = rules_.hasher.tag(peer.peer_id, offering_.offers[count_]);
      ++count_;
      ++next;
    }
  }

  OfferTorrent& torrent_;
  const Offering& offering_;
  const Seconds now_;
  const std::span<Connection> receivers_;
  const std::span<PendingOffers::Tag> tags_;
  Random& random_;
  const Rules& rules_;
  const std::size_t wanted_;
  std::size_t count_ = 0;
  std::size_t passed_over_ = 0;
};

std::size_t OfferTorrent::choose(const Offering& offering, Seconds now,
                                 std::span<Connection> receivers,
                                 std::span<PendingOffers::Tag> tags, Random& random,
                                 const Rules& rules) {
  Chooser chooser(*this, offering, now, receivers, tags, random, rules);
  if (!offering.is_seeder) chooser.choose_seeders();
  chooser.choose_leechers();
  update_index(rules);
  return chooser.count();
}

OfferTorrent::Position OfferTorrent::expire(Position position, Position count, Seconds now,
                                            const Rules& rules, std::size_t& offer_bytes) {
  position = std::min(position, static_cast<Position>(peers_.size()));
  for (; position > 0 && count > 0; --count) {
    --position;
    if (is_expired(peers_[position], now, rules)) {
      // The last ones, which move into the hole, have been looked at.
      remove_at(position, rules);
    } else {
      peers_[position].offers.expire(now, rules.offers);
      offer_bytes += peers_[position].offers.memory_bytes();
    }
  }
  update_index(rules);
  if (peers_.size() * kShrinkFactor < peers_.capacity()) peers_.shrink_to_fit();
  return position;
}

}  // namespace aquatic::offers
