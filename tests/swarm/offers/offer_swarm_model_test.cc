// SPDX-License-Identifier: Apache-2.0
// The offer swarm against a naive model, over random histories. A failure prints RC_PARAMS, which
// repeat it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "swarm/offers/offer_swarm.h"
#include "tests/swarm/offers/model_offer_swarm.h"
#include "tests/swarm/offers/sample.h"

namespace aquatic::offers {
namespace {

using swarm::Counts;
using swarm::Status;

// One shard, so that all torrents share a table.
constexpr Options kOptions = {.max_peer_age_s = 100,
                              .max_offer_age_s = 50,
                              .expire_interval_s = 10,
                              .max_pending_offers = 8,
                              .shard_count = 1,
                              .hash_seed = 1};
// From here on connections and addresses are nobody's.
constexpr std::uint64_t kStranger = 1'000'000;
// Of the first peers, two have one connection.
constexpr std::uint32_t kPaired = 8;

bool keep_all(const InfoHash&) { return true; }

struct Step {
  enum class Kind { announce, return_home, steal, crowd, answer, leave, wait, expire, tick, ban };
  Kind kind;
  Family family;
  std::uint32_t torrent;
  std::uint32_t peer;   // Of a crowd the first.
  std::uint32_t count;  // Of a crowd; or seconds; or which offer is answered.
  Status status;
  bool completed;
  std::uint32_t offers;
  std::uint32_t room;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{kind " << static_cast<int>(step.kind) << ", v6 " << (step.family == Family::ipv6)
      << ", torrent " << step.torrent << ", peer " << step.peer << ", count " << step.count
      << ", status " << static_cast<int>(step.status) << ", completed " << step.completed
      << ", offers " << step.offers << ", room " << step.room << "}";
}

rc::Gen<Step> gen_step() {
  using Kind = Step::Kind;
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::weightedElement<Kind>({{20, Kind::announce},
                                                                {3, Kind::return_home},
                                                                {3, Kind::steal},
                                                                {2, Kind::crowd},
                                                                {20, Kind::answer},
                                                                {3, Kind::leave},
                                                                {6, Kind::wait},
                                                                {1, Kind::expire},
                                                                {1, Kind::tick},
                                                                {1, Kind::ban}})),
      rc::gen::set(&Step::family, rc::gen::element(Family::ipv4, Family::ipv4, Family::ipv6)),
      rc::gen::set(&Step::torrent, rc::gen::inRange(0u, 2u)),
      rc::gen::set(&Step::peer, rc::gen::inRange(0u, 30u)),
      rc::gen::set(&Step::count, rc::gen::element(1u, 2u, 5u, 11u, 20u, 49u, 51u, 99u, 130u)),
      rc::gen::set(&Step::status, rc::gen::element(Status::leecher, Status::leecher, Status::seeder,
                                                   Status::stopped)),
      rc::gen::set(&Step::completed, rc::gen::arbitrary<bool>()),
      rc::gen::set(&Step::offers, rc::gen::element(0u, 1u, 2u, 5u, 10u, 40u)),
      rc::gen::set(&Step::room, rc::gen::element(0u, 1u, 5u, 10u, 50u)));
}

class History {
 public:
  void play(const Step& step) {
    const Torrent where = torrent(step.torrent, step.family);
    switch (step.kind) {
      case Step::Kind::announce: return announce(step, where, said(step, step.peer));
      case Step::Kind::return_home:
        ++returns_[step.peer];
        return announce(step, where, said(step, step.peer));
      case Step::Kind::steal: {
        Announcement theft = said(step, step.peer);
        theft.connection = connection(kStranger);
        theft.ip = ip(kStranger);
        return announce(step, where, theft);
      }
      case Step::Kind::crowd:
        for (std::uint32_t i = 0; i < step.count; ++i) {
          announce(step, where, said(step, step.peer + i));
        }
        return;
      case Step::Kind::answer: return answer(step);
      case Step::Kind::leave: return leave(where, step.peer);
      case Step::Kind::wait: now_ += step.count; return;
      case Step::Kind::expire: return expire(keep_all);
      case Step::Kind::tick: return tick(step.count);
      case Step::Kind::ban:
        return expire([&](const InfoHash& hash) { return hash != where.info_hash; });
    }
  }

  void compare_everything() const {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      Totals expected;
      for (const auto& [key, torrent] : model_.torrents) {
        if (key.first != family) continue;
        const Counts counts = torrent.counts();
        RC_ASSERT(swarm_.scrape({key.second, family}) == counts);
        ++expected.torrents;
        expected.peers += torrent.peers.size();
        expected.seeders += counts.seeders;
      }
      const Totals totals = swarm_.totals(family);
      RC_ASSERT(totals.torrents == expected.torrents);
      RC_ASSERT(totals.peers == expected.peers);
      RC_ASSERT(totals.seeders == expected.seeders);
    }
  }

  void let_all_leave() {
    const auto all = model_.torrents;
    for (const auto& [key, torrent] : all) {
      for (const auto& [id, peer] : torrent.peers) {
        swarm_.leave({key.second, key.first}, id, peer.connection);
        model_.leave({key.second, key.first}, id, peer.connection);
      }
    }
    compare_everything();
    RC_ASSERT(model_.torrents.empty());
  }

 private:
  // What can be answered, or could once.
  struct Made {
    Torrent where;
    PeerId from;
    ModelPeer::Offer offer;
  };
  using Group = std::multiset<std::uint64_t>;  // Streams of those who may get offers.

  Announcement said(const Step& step, std::uint32_t number) {
    Announcement made = announcement(number, step.status);
    made.completed = step.completed;
    const std::uint64_t home = number < kPaired ? number / 2 : number;
    const std::uint32_t returns = returns_[number];
    made.connection = connection(returns == 0 ? home : 1'000 * returns + number);
    return made;
  }

  void announce(const Step& step, const Torrent& where, const Announcement& said) {
    std::vector<OfferId> ids;
    for (std::uint32_t i = 0; i < step.offers; ++i) ids.push_back(offer(++offer_count_));
    std::vector<Connection> receivers(step.room);
    const auto announced = swarm_.announce(where, said, ids, now_, receivers, random_);
    const auto expected = model_.announce(where, said, now_);
    RC_ASSERT(expected.has_value() == announced.has_value());
    if (!announced) return RC_ASSERT(announced.error() == Refusal::foreign_peer_id);
    receivers.resize(announced->receiver_count);
    const auto found = model_.torrents.find({where.family, where.info_hash});
    if (found == model_.torrents.end()) return RC_ASSERT(announced->counts == *expected);
    ModelTorrent& torrent = found->second;
    if (said.status == Status::stopped) {
      RC_ASSERT(receivers.empty());
    } else {
      check_receivers(torrent, said, receivers, ids.size(), step.room);
      remember(where, torrent, said, receivers, ids);
    }
    check_counts(torrent, announced->counts, !ids.empty() && said.status != Status::stopped);
  }

  Group eligible(const ModelTorrent& torrent, const Announcement& said, bool is_seeder) const {
    Group group;
    for (const auto& [_, peer] : torrent.peers) {
      if (peer.is_seeder != is_seeder || peer.connection == said.connection) continue;
      if (!model_.is_old(peer, now_)) group.insert(peer.connection.stream);
    }
    return group;
  }

  // A leecher's first offers go to seeders; what is left, to leechers.
  void check_receivers(const ModelTorrent& torrent, const Announcement& said,
                       const std::vector<Connection>& receivers, std::size_t offers,
                       std::size_t room) const {
    Group seeders = eligible(torrent, said, true);
    Group leechers = eligible(torrent, said, false);
    if (said.status == Status::seeder) seeders.clear();
    RC_ASSERT(receivers.size() == std::min({offers, room, seeders.size() + leechers.size()}));
    for (const Connection& receiver : receivers) {
      Group& group = seeders.empty() ? leechers : seeders;
      const auto chosen = group.find(receiver.stream);
      RC_ASSERT(chosen != group.end());
      group.erase(chosen);
    }
  }

  void remember(const Torrent& where, ModelTorrent& torrent, const Announcement& said,
                const std::vector<Connection>& receivers, const std::vector<OfferId>& ids) {
    for (std::size_t i = 0; i < receivers.size(); ++i) {
      ModelPeer::Offer made = {.id = ids[i], .receivers = {}, .made_at = now_};
      for (const auto& [id, peer] : torrent.peers) {
        if (peer.connection == receivers[i]) made.receivers.insert(id);
      }
      model_.offer(torrent.peers.at(said.peer_id), made);
      made_.push_back({where, said.peer_id, made});
    }
  }

  // Choosing drops some of those who are too old; then the model has to catch up.
  void check_counts(const ModelTorrent& torrent, const Counts& counts, bool has_chosen) {
    const Counts all = torrent.counts();
    RC_ASSERT(counts.downloads == all.downloads);
    Counts current;
    for (const auto& [_, peer] : torrent.peers) {
      if (!model_.is_old(peer, now_)) ++(peer.is_seeder ? current.seeders : current.leechers);
    }
    const Counts& least = has_chosen ? current : all;
    RC_ASSERT(counts.seeders <= all.seeders);
    RC_ASSERT(counts.seeders >= least.seeders);
    RC_ASSERT(counts.leechers <= all.leechers);
    RC_ASSERT(counts.leechers >= least.leechers);
    if (has_chosen && current.seeders + current.leechers < torrent.peers.size()) expire(keep_all);
  }

  void answer(const Step& step) {
    if (made_.empty()) return;
    const Made& made = made_[made_.size() - 1 - step.count % made_.size()];
    const PeerId self = step.offers > 2 ? *made.offer.receivers.begin() : peer(step.peer);
    ModelPeer* const answerer = model_.find(made.where, self);
    const bool is_forged = step.room == 0 || answerer == nullptr;
    const auto result =
        swarm_.answer(made.where,
                      {.peer_id = self,
                       .connection = is_forged ? connection(kStranger) : answerer->connection,
                       .to_peer_id = made.from,
                       .offer_id = made.offer.id},
                      now_);
    if (answerer == nullptr || (is_forged && answerer->connection != connection(kStranger))) {
      RC_ASSERT(!result);
      return RC_ASSERT(result.error() == AnswerError::foreign_peer_id);
    }
    judge(result, made, self);
  }

  void judge(const Expected<Connection, AnswerError>& result, const Made& made,
             const PeerId& answerer) {
    ModelPeer* const offerer = model_.find(made.where, made.from);
    if (offerer == nullptr) {
      RC_ASSERT(!result);
      return RC_ASSERT(result.error() == AnswerError::unknown_peer);
    }
    const auto pending = std::ranges::find_if(offerer->offers, [&](const ModelPeer::Offer& each) {
      return each.id == made.offer.id && each.receivers.contains(answerer) &&
             !model_.is_old(each, now_);
    });
    const bool is_there = pending != offerer->offers.end();
    if (!result) {
      RC_ASSERT(result.error() == AnswerError::unknown_offer);
      // Or another peer of his connection has got it.
      const bool is_right = !is_there || pending->receivers.size() > 1;
      return RC_ASSERT(is_right);
    }
    RC_ASSERT(is_there);
    RC_ASSERT(*result == offerer->connection);
    offerer->offers.erase(pending);
  }

  void leave(const Torrent& where, std::uint32_t number) {
    ModelPeer* const known = model_.find(where, peer(number));
    if (known == nullptr) return;
    const Connection theirs = known->connection;
    for (const Connection& who : {connection(kStranger), theirs}) {
      swarm_.leave(where, peer(number), who);
      model_.leave(where, peer(number), who);
      compare_everything();
    }
  }

  // Time passes evenly; in an interval everything has had its turn, but not for the last second.
  void tick(Seconds seconds) {
    const Seconds begin = now_;
    for (Seconds i = 0; i < seconds; ++i) swarm_.expire_some(++now_, keep_all);
    if (seconds > kOptions.expire_interval_s) model_.expire(begin, keep_all);
    for (const auto& [key, torrent] : model_.torrents) {
      const Counts counts = swarm_.scrape({key.second, key.first});
      const Counts most = torrent.counts();
      RC_ASSERT(counts.seeders <= most.seeders);
      RC_ASSERT(counts.leechers <= most.leechers);
    }
    expire(keep_all);
  }

  void expire(const swarm::KeepTorrent& keep) {
    swarm_.expire_all(now_, keep);
    model_.expire(now_, keep);
    compare_everything();
  }

  OfferSwarm swarm_{kOptions};
  ModelOfferSwarm model_{kOptions};
  Random random_{3};
  Seconds now_ = 1'000;
  std::uint64_t offer_count_ = 0;
  std::vector<Made> made_;
  std::map<std::uint32_t, std::uint32_t> returns_;  // How often a peer has come back.
};

RC_GTEST_PROP(OfferSwarmProperty, BehavesLikeTheModel, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(gen_step());
  History history;
  for (const Step& step : steps) history.play(step);
  history.compare_everything();
  history.let_all_leave();
}

}  // namespace
}  // namespace aquatic::offers
