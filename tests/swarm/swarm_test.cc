// SPDX-License-Identifier: Apache-2.0
#include "swarm/swarm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <vector>

#include "tests/support/live_memory.h"
#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

bool keep_all(const InfoHash&) { return true; }

class SwarmTest : public testing::TestWithParam<Family> {
 protected:
  // Room for more than any test puts in, unless it says otherwise.
  Announced announce(std::uint32_t torrent, std::uint32_t peer, Status status, Seconds now = 0,
                     std::size_t want = 300, bool completed = false) {
    const std::size_t peer_bytes = GetParam() == Family::ipv4 ? 6 : 18;
    std::vector<std::byte> room(want * peer_bytes);
    const Announced announced = swarm_.announce(
        key(torrent), {sample_endpoint(GetParam(), peer), status, completed}, now, room, random_);
    others_ = endpoints_of(GetParam(), Bytes(room).first(announced.peer_bytes));
    return announced;
  }
  Announced leech(std::uint32_t torrent, std::uint32_t peer, Seconds now = 0) {
    return announce(torrent, peer, Status::leecher, now);
  }
  TorrentKey key(std::uint32_t torrent) const {
    return swarm_.locate(GetParam(), sample_info_hash(torrent));
  }
  std::multimap<InfoHash, Counts> scrape_all(Family family, std::size_t at_once) const {
    std::multimap<InfoHash, Counts> all;
    ScrapeCursor cursor;
    std::vector<TorrentCounts> room(at_once);
    while (const std::size_t count = swarm_.scrape_some(family, cursor, room)) {
      for (std::size_t i = 0; i < count; ++i) all.emplace(room[i].info_hash, room[i].counts);
    }
    return all;
  }
  Counts scrape(std::uint32_t torrent) const { return swarm_.scrape(key(torrent)); }
  void expect_totals(std::uint64_t torrents, std::uint64_t peers) const {
    EXPECT_EQ(swarm_.totals(GetParam()).torrents, torrents);
    EXPECT_EQ(swarm_.totals(GetParam()).peers, peers);
  }

  Swarm swarm_{Options{.hash_seed = 1}};
  Random random_{2};
  std::vector<Endpoint> others_;  // From the last announce.
};

INSTANTIATE_TEST_SUITE_P(Family, SwarmTest, testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& tested) {
                           return tested.param == Family::ipv4 ? "v4" : "v6";
                         });

TEST_P(SwarmTest, TellsOfTheOthersButNotOfOneself) {
  EXPECT_EQ(leech(1, 1).peer_bytes, 0u);
  const Announced second = announce(1, 2, Status::seeder);
  EXPECT_EQ(second.leechers, 1u);
  EXPECT_EQ(second.seeders, 0u);
  EXPECT_EQ(others_, std::vector{sample_endpoint(GetParam(), 1)});
  const Announced again = leech(1, 1);
  EXPECT_EQ(again.leechers, 0u);
  EXPECT_EQ(again.seeders, 1u);
  EXPECT_EQ(others_, std::vector{sample_endpoint(GetParam(), 2)});
  expect_totals(1, 2);
}

TEST_P(SwarmTest, FamiliesAreSeparate) {
  leech(1, 1);
  const Family other = GetParam() == Family::ipv4 ? Family::ipv6 : Family::ipv4;
  EXPECT_EQ(swarm_.scrape(swarm_.locate(other, sample_info_hash(1))).leechers, 0u);
  EXPECT_EQ(swarm_.totals(other).torrents, 0u);
}

TEST_P(SwarmTest, UnknownTorrentScrapesAsZeros) {
  const Counts counts = scrape(1);
  EXPECT_EQ(counts.seeders + counts.leechers + counts.downloads, 0u);
}

TEST_P(SwarmTest, StoppingInAnUnknownTorrentCreatesNothing) {
  announce(1, 1, Status::stopped);
  expect_totals(0, 0);
}

TEST_P(SwarmTest, TorrentThatAllHaveLeftIsFreedAtExpiry) {
  leech(1, 1);
  announce(1, 1, Status::stopped);
  expect_totals(1, 0);
  swarm_.expire_all(0, keep_all);
  expect_totals(0, 0);
}

TEST_P(SwarmTest, CountsADownloadOnceAndOnlyOfWhoSeeds) {
  const auto complete = [&](std::uint32_t peer, Status status) {
    const Announced announced = announce(1, peer, status, 0, 0, true);
    EXPECT_EQ(announced.downloads, scrape(1).downloads);
  };
  leech(1, 1);
  complete(1, Status::leecher);
  EXPECT_EQ(scrape(1).downloads, 0u);
  complete(1, Status::seeder);
  complete(1, Status::seeder);
  EXPECT_EQ(scrape(1).downloads, 1u);
  complete(2, Status::seeder);  // Unknown so far.
  EXPECT_EQ(scrape(1).downloads, 2u);
  announce(1, 3, Status::seeder);
  complete(3, Status::seeder);
  EXPECT_EQ(scrape(1).downloads, 2u);
}

TEST_P(SwarmTest, PrefetchingChangesNothing) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    for (const std::uint32_t torrent : {0u, 1u, i}) {
      swarm_.prefetch_slot(key(torrent));
      swarm_.prefetch_torrent(key(torrent));
      swarm_.prefetch_peers(key(torrent));
    }
    leech(0, i);
    leech(1, i % 50);
    leech(i, 1);
  }
  expect_totals(1000, 1000 + 50 + 998);
}

// Lesson X1: a torrent was judged empty and dropped although a peer was just being added.
TEST_P(SwarmTest, X1PeerThatComesBackDuringExpiryStays) {
  leech(1, 1, 0);
  swarm_.expire_all(1201, [&](const InfoHash&) { return true; });
  leech(1, 1, 1201);
  swarm_.expire_all(1201, keep_all);
  EXPECT_EQ(scrape(1).leechers, 1u);
  // The worker's clock is ahead of the one that expiry was called with.
  leech(1, 1, 1300);
  swarm_.expire_all(1299, keep_all);
  EXPECT_EQ(scrape(1).leechers, 1u);
}

// Lesson X8: with the peer id as the key anybody could throw anybody out.
TEST_P(SwarmTest, X8PeerIsHisAddressAndPort) {
  Endpoint peer = sample_endpoint(GetParam(), 1);
  swarm_.announce(key(1), {peer}, 0, {}, random_);
  ++peer.port;
  swarm_.announce(key(1), {peer}, 0, {}, random_);
  swarm_.announce(key(1), {peer}, 0, {}, random_);
  EXPECT_EQ(scrape(1).leechers, 2u);
}

// Lesson X15: too little was returned for unusual wishes. How much is wanted is the room given.
TEST_P(SwarmTest, X15FillsTheRoomExactly) {
  for (std::uint32_t i = 0; i < 200; ++i) leech(1, i);
  for (const std::size_t want : {0u, 1u, 2u, 3u, 50u, 51u, 198u, 199u, 250u}) {
    announce(1, 0, Status::leecher, 0, want);
    EXPECT_EQ(others_.size(), std::min<std::size_t>(want, 199));
  }
}

// Lesson X16: replacing a peer decremented the wrong counter.
TEST_P(SwarmTest, X16ChangingSidesMovesThePeerBetweenTheCounts) {
  leech(1, 1);
  leech(1, 2);
  announce(1, 1, Status::seeder);
  EXPECT_EQ(scrape(1).seeders, 1u);
  EXPECT_EQ(scrape(1).leechers, 1u);
  leech(1, 1);
  EXPECT_EQ(scrape(1).seeders, 0u);
  EXPECT_EQ(scrape(1).leechers, 2u);
}

// Lesson X17: the number of torrents was shown but never updated.
TEST_P(SwarmTest, X17TotalsFollowEveryChange) {
  for (std::uint32_t i = 0; i < 100; ++i) {
    leech(i, 1);
    leech(i, 2);
    expect_totals(i + 1, 2 * (i + 1));
  }
  announce(5, 1, Status::stopped);
  expect_totals(100, 199);
  swarm_.expire_all(0, [](const InfoHash& info_hash) { return info_hash != sample_info_hash(5); });
  expect_totals(99, 198);
  swarm_.expire_all(1201, keep_all);
  expect_totals(0, 0);
}

// Lesson X26: who stops needs no peers. He gives no room; the counts he gets all the same.
TEST_P(SwarmTest, X26WhoStopsWithoutRoomGetsNoPeers) {
  leech(1, 1);
  leech(1, 2);
  const Announced stopped = announce(1, 1, Status::stopped, 0, 0);
  EXPECT_EQ(stopped.peer_bytes, 0u);
  EXPECT_EQ(stopped.leechers, 1u);
  EXPECT_EQ(scrape(1).leechers, 1u);
}

// Lesson U51: odd numbers gave one too few, one gave none.
TEST_P(SwarmTest, U51OneOfManyIsOne) {
  for (std::uint32_t i = 0; i < 1000; ++i) leech(1, i);
  announce(1, 0, Status::leecher, 0, 1);
  EXPECT_EQ(others_.size(), 1u);
}

TEST_P(SwarmTest, PeerIdsComeWithTheirPeersWhereTheyAreKept) {
  Swarm swarm(Options{.hash_seed = 1, .keeps_peer_ids = true});
  // Inlined, in a block, in a table.
  for (const std::uint32_t size : {2u, 40u, 400u}) {
    for (std::uint32_t i = 0; i < size; ++i) {
      swarm.announce(key(size), {.peer = sample_endpoint(GetParam(), i), .peer_id = {}}, 0, {},
                     random_);
      // He keeps his place and gets his new id.
      swarm.announce(key(size),
                     {.peer = sample_endpoint(GetParam(), i), .peer_id = sample_peer_id(i)}, 0, {},
                     random_);
    }
    std::vector<std::byte> room(18 * size);
    std::vector<PeerId> ids(room.size() / 6);
    const Announced announced = swarm.announce(
        key(size), {.peer = sample_endpoint(GetParam(), 1000)}, 0, room, random_, ids);
    const auto others = endpoints_of(GetParam(), Bytes(room).first(announced.peer_bytes));
    ASSERT_EQ(others.size(), size);
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::uint32_t number = load_big_endian<std::uint32_t>(ids[i].bytes.data());
      EXPECT_EQ(others[i], sample_endpoint(GetParam(), number));
    }
  }
}

TEST_P(SwarmTest, PeerIdsAreOptionalForWhoAsksAndForWhoKeeps) {
  Swarm keeps_them(Options{.hash_seed = 1, .keeps_peer_ids = true});
  std::array<std::byte, 18> room;
  std::array<PeerId, 3> ids = {sample_peer_id(7)};
  for (std::uint32_t i = 0; i < 2; ++i) {
    const Announcement announcement = {.peer = sample_endpoint(GetParam(), i),
                                       .peer_id = sample_peer_id(i)};
    EXPECT_EQ(keeps_them.announce(key(1), announcement, 0, room, random_).peer_bytes > 0, i > 0);
    EXPECT_EQ(swarm_.announce(key(1), announcement, 0, room, random_, ids).peer_bytes > 0, i > 0);
  }
  EXPECT_EQ(ids[0], sample_peer_id(7));
}

TEST_P(SwarmTest, FullScrapeMeetsEveryTorrentOfItsFamilyOnce) {
  for (std::uint32_t i = 0; i < 3000; ++i) leech(i, i);
  announce(7, 1, Status::seeder, 0, 0, true);
  const Family other = GetParam() == Family::ipv4 ? Family::ipv6 : Family::ipv4;
  EXPECT_TRUE(scrape_all(other, 100).empty());
  // From one at a time to everything at once.
  for (const std::size_t at_once : {1u, 3u, 1000u, 3000u, 5000u}) {
    const auto all = scrape_all(GetParam(), at_once);
    ASSERT_EQ(all.size(), 3000u);
    for (std::uint32_t i = 0; i < 3000; ++i) {
      ASSERT_EQ(all.count(sample_info_hash(i)), 1u) << i;
      EXPECT_EQ(all.find(sample_info_hash(i))->second, scrape(i));
    }
  }
}

TEST_P(SwarmTest, FullScrapeTakesNoMoreThanThereIsRoomForAndEndsForGood) {
  for (std::uint32_t i = 0; i < 100; ++i) leech(i, 1);
  ScrapeCursor cursor;
  std::array<TorrentCounts, 8> room;
  EXPECT_EQ(swarm_.scrape_some(GetParam(), cursor, std::span(room).first(7)), 7u);
  EXPECT_EQ(room[7].info_hash, InfoHash());
  std::size_t met = 7;
  while (const std::size_t count = swarm_.scrape_some(GetParam(), cursor, room)) met += count;
  EXPECT_EQ(met, 100u);
  leech(1000, 1);
  EXPECT_EQ(swarm_.scrape_some(GetParam(), cursor, room), 0u);
}

// Torrents come and go, and the last of a shard moves to where one went.
TEST_P(SwarmTest, FullScrapeSurvivesChangesMeanwhile) {
  for (std::uint32_t i = 0; i < 3000; ++i) leech(i, 1);
  std::multimap<InfoHash, Counts> met;
  ScrapeCursor cursor;
  std::array<TorrentCounts, 100> room;
  for (std::uint32_t step = 0;; ++step) {
    const std::size_t count = swarm_.scrape_some(GetParam(), cursor, room);
    if (count == 0) break;
    for (const TorrentCounts& torrent : std::span(room).first(count)) {
      met.emplace(torrent.info_hash, torrent.counts);
    }
    ASSERT_LT(step, 100u);
    for (std::uint32_t i = 0; i < 10; ++i) leech(3000 + 10 * step + i, 1);
    const auto is_gone = [&](const InfoHash& hash) {
      const auto number = load_big_endian<std::uint32_t>(hash.bytes.data());
      return number >= 20 * step && number < 20 * step + 20;
    };
    swarm_.expire_all(0, [&](const InfoHash& hash) { return !is_gone(hash); });
  }
  // Twenty of a hundred go at each step, at random before or behind the cursor.
  EXPECT_GT(met.size(), 2000u);
  for (const auto& [info_hash, counts] : met) {
    EXPECT_EQ(counts, (Counts{0, 1, 0}));
    EXPECT_LT(load_big_endian<std::uint32_t>(info_hash.bytes.data()), 4000u);
  }
  // Everything is shorter than the cursor says.
  leech(1, 1);
  cursor = {0, 1};
  swarm_.expire_all(0, [](const InfoHash&) { return false; });
  EXPECT_EQ(swarm_.scrape_some(GetParam(), cursor, room), 0u);
}

TEST_P(SwarmTest, ExpiringBitByBitGetsThroughEverythingInOneInterval) {
  for (std::uint32_t i = 0; i < 2000; ++i) leech(i, 1, 5000);
  Seconds now = 5000;
  swarm_.expire_some(now, keep_all);
  for (; now <= 6200; ++now) swarm_.expire_some(now, keep_all);
  expect_totals(2000, 2000);
  std::uint64_t before = 2000;
  for (; now <= 6200 + 120; ++now) {
    swarm_.expire_some(now, keep_all);
    const std::uint64_t left = swarm_.totals(GetParam()).torrents;
    // 17 of 2048 shards, each with one torrent on average.
    EXPECT_LE(before - left, 100u);
    before = left;
  }
  expect_totals(0, 0);
}

TEST_P(SwarmTest, ExpiringAgainAtOnceDoesNothing) {
  swarm_.expire_some(2000, keep_all);
  for (std::uint32_t i = 0; i < 2000; ++i) leech(i, 1, 0);
  for (int i = 0; i < 1000; ++i) swarm_.expire_some(2000, keep_all);
  expect_totals(2000, 2000);
}

TEST_P(SwarmTest, ExpiringLateMakesUpForIt) {
  swarm_.expire_some(0, keep_all);
  for (std::uint32_t i = 0; i < 2000; ++i) leech(i, 1, 0);
  swarm_.expire_some(12 * 3600, keep_all);
  expect_totals(0, 0);
}

TEST_P(SwarmTest, ExpiringWithAClockThatWentBackIsHarmless) {
  swarm_.expire_some(5000, keep_all);
  leech(1, 1, 5000);
  swarm_.expire_some(4000, keep_all);
  expect_totals(1, 1);
  for (Seconds now = 4000; now <= 6201 + 120; ++now) swarm_.expire_some(now, keep_all);
  expect_totals(0, 0);
}

TEST_P(SwarmTest, AnIntervalOfZeroExpiresEverythingEachSecond) {
  Swarm swarm(Options{.max_peer_age_s = 10, .expire_interval_s = 0, .shard_count = 256});
  swarm.announce(swarm.locate(GetParam(), sample_info_hash(1)), {sample_endpoint(GetParam(), 1)}, 0,
                 {}, random_);
  swarm.expire_some(10, keep_all);
  EXPECT_EQ(swarm.totals(GetParam()).peers, 1u);
  swarm.expire_some(11, keep_all);
  EXPECT_EQ(swarm.totals(GetParam()).peers, 0u);
}

// Against what the allocator says, of which the lists of peers are known as of the last expiry.
TEST_P(SwarmTest, KnowsWhatItTakes) {
  others_ = {};
  const std::size_t heap_before = test::live_heap_bytes();
  const std::uint64_t before = swarm_.totals(GetParam()).memory_bytes;
  for (std::uint32_t torrent = 0; torrent < 20'000; ++torrent) announce(torrent, 1, {}, 0, 0);
  for (std::uint32_t i = 0; i < 20'000; ++i) announce(1, i, {}, 0, 0);
  for (std::uint32_t i = 0; i < 20'000; ++i) announce(2 + i % 500, i, {}, 0, 0);
  swarm_.expire_all(0, [](const InfoHash&) { return true; });
  const auto grown = static_cast<double>(test::live_heap_bytes() - heap_before);
  const auto told = static_cast<double>(swarm_.totals(GetParam()).memory_bytes - before);
  EXPECT_NEAR(told / grown, 1, 0.15) << told << " of " << grown;
}

}  // namespace
}  // namespace aquatic::swarm
