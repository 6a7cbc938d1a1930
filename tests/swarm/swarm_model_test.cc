// SPDX-License-Identifier: Apache-2.0
// The swarm against a naive model, over random histories. A failure prints RC_PARAMS, which repeat
// it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "swarm/swarm.h"
#include "tests/swarm/model_swarm.h"
#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

bool keep_all(const InfoHash&) { return true; }

struct Step {
  enum class Kind { announce, crowd_comes, crowd_leaves, scrape, wait, expire, ban };
  Kind kind;
  Family family;
  std::uint32_t torrent;
  std::uint32_t peer;   // Of a crowd the first.
  std::uint32_t count;  // Of a crowd; or seconds.
  Status status;
  bool completed;
  std::size_t room_bytes;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{kind " << static_cast<int>(step.kind) << ", v6 " << (step.family == Family::ipv6)
      << ", torrent " << step.torrent << ", peer " << step.peer << ", count " << step.count
      << ", status " << static_cast<int>(step.status) << ", completed " << step.completed
      << ", room " << step.room_bytes << "}";
}

rc::Gen<Step> gen_step() {
  using Kind = Step::Kind;
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::weightedElement<Kind>({{20, Kind::announce},
                                                                {4, Kind::crowd_comes},
                                                                {4, Kind::crowd_leaves},
                                                                {4, Kind::scrape},
                                                                {6, Kind::wait},
                                                                {2, Kind::expire},
                                                                {1, Kind::ban}})),
      rc::gen::set(&Step::family, rc::gen::element(Family::ipv4, Family::ipv6)),
      rc::gen::set(&Step::torrent, rc::gen::inRange(0u, 3u)),
      rc::gen::set(&Step::peer, rc::gen::inRange(0u, 90u)),
      rc::gen::set(&Step::count, rc::gen::element(2u, 5u, 20u, 61u, 64u, 66u, 130u, 900u, 1700u)),
      rc::gen::set(&Step::status,
                   rc::gen::element(Status::leecher, Status::seeder, Status::stopped)),
      rc::gen::set(&Step::completed, rc::gen::arbitrary<bool>()),
      rc::gen::set(&Step::room_bytes,
                   rc::gen::element<std::size_t>(0, 5, 6, 17, 18, 54, 126, 300, 1212, 40'000)));
}

class History {
 public:
  explicit History(bool keeps_peer_ids)
      : keeps_peer_ids_(keeps_peer_ids),
        // One shard, so that all torrents share a table.
        swarm_({.shard_count = 1, .hash_seed = 1, .keeps_peer_ids = keeps_peer_ids}) {}

  void play(const Step& step) {
    switch (step.kind) {
      case Step::Kind::announce:
        return announce(step, step.peer, {{}, step.status, step.completed}, step.room_bytes);
      case Step::Kind::crowd_comes:
        for (std::uint32_t i = 0; i < step.count; ++i) {
          announce(step, step.peer + i, {{}, i % 3 == 0 ? Status::seeder : Status::leecher},
                   kCrowdRoomBytes);
        }
        return;
      case Step::Kind::crowd_leaves:
        for (std::uint32_t i = 0; i < step.count; ++i) {
          announce(step, step.peer + i, {{}, Status::stopped}, kCrowdRoomBytes);
        }
        return;
      case Step::Kind::scrape: return compare_counts(step.family, step.torrent);
      case Step::Kind::wait:
        now_ += step.count;
        // No longer without expiry than PeerClock can tell ages apart.
        if (now_ - expired_at_ > 40'000) expire(keep_all);
        return;
      case Step::Kind::expire: return expire(keep_all);
      case Step::Kind::ban:
        return expire([&](const InfoHash& hash) { return hash != sample_info_hash(step.torrent); });
    }
  }

  void compare_everything() {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      for (std::uint32_t torrent = 0; torrent < 4; ++torrent) compare_counts(family, torrent);
      RC_ASSERT(swarm_.totals(family).torrents == model_.totals(family).torrents);
      RC_ASSERT(swarm_.totals(family).peers == model_.totals(family).peers);
      compare_full_scrape(family);
    }
  }

 private:
  // Little, since there are many of them.
  static constexpr std::size_t kCrowdRoomBytes = 90;

  void announce(const Step& step, std::uint32_t peer, Announcement announcement,
                std::size_t room_bytes) {
    announcement.peer = sample_endpoint(step.family, peer);
    announcement.peer_id = sample_peer_id(peer, ++id_version_);
    const InfoHash info_hash = sample_info_hash(step.torrent);
    const Counts others = model_.announce(step.family, info_hash, announcement, now_);
    const std::size_t peer_bytes = step.family == Family::ipv4 ? 6 : 18;
    std::vector<std::byte> room(room_bytes);
    std::vector<PeerId> ids(keeps_peer_ids_ ? room_bytes / peer_bytes : 0);
    const Announced announced = swarm_.announce(swarm_.locate(step.family, info_hash), announcement,
                                                now_, room, random_, ids);

    RC_ASSERT(announced.seeders == others.seeders);
    RC_ASSERT(announced.leechers == others.leechers);
    RC_ASSERT(announced.downloads == model_.scrape(step.family, info_hash).downloads);
    const std::size_t expected_peers =
        std::min<std::size_t>(room.size() / peer_bytes, others.seeders + others.leechers);
    RC_ASSERT(announced.peer_bytes == peer_bytes * expected_peers);
    std::set<Endpoint> told;
    for (const Endpoint& endpoint :
         endpoints_of(step.family, Bytes(room).first(announced.peer_bytes))) {
      RC_ASSERT(endpoint != announcement.peer);
      const auto id = model_.peer_id(step.family, info_hash, endpoint);
      RC_ASSERT(id.has_value());
      if (keeps_peer_ids_) RC_ASSERT(ids[told.size()] == *id);
      RC_ASSERT(told.insert(endpoint).second);
    }
  }

  void compare_full_scrape(Family family) const {
    std::map<InfoHash, Counts> told;
    ScrapeCursor cursor;
    std::array<TorrentCounts, 2> some;
    while (const std::size_t count = swarm_.scrape_some(family, cursor, some)) {
      for (const TorrentCounts& torrent : std::span(some).first(count)) {
        RC_ASSERT(told.emplace(torrent.info_hash, torrent.counts).second);
      }
    }
    RC_ASSERT(told == model_.scrape_all(family));
  }

  void compare_counts(Family family, std::uint32_t torrent) {
    const InfoHash info_hash = sample_info_hash(torrent);
    const Counts counts = swarm_.scrape(swarm_.locate(family, info_hash));
    const Counts expected = model_.scrape(family, info_hash);
    RC_ASSERT(counts.seeders == expected.seeders);
    RC_ASSERT(counts.leechers == expected.leechers);
    RC_ASSERT(counts.downloads == expected.downloads);
  }

  void expire(const KeepTorrent& keep) {
    swarm_.expire_all(now_, keep);
    model_.expire_all(now_, keep);
    expired_at_ = now_;
    compare_everything();
  }

  const bool keeps_peer_ids_;
  std::uint32_t id_version_ = 0;  // No two announces give the same id.
  Swarm swarm_;
  ModelSwarm model_{Options().max_peer_age_s};
  Random random_{3};
  Seconds now_ = 0;
  Seconds expired_at_ = 0;
};

RC_GTEST_PROP(SwarmProperty, BehavesLikeTheModel, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(gen_step());
  History history(*rc::gen::arbitrary<bool>());
  for (const Step& step : steps) history.play(step);
  history.compare_everything();
}

}  // namespace
}  // namespace aquatic::swarm
