// SPDX-License-Identifier: Apache-2.0
#include "server/status/client_census.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "tests/support/live_memory.h"

namespace aquatic::server {

// How tests show them.
void PrintTo(const ClientFigures& figures, std::ostream* out) {
  *out << figures.name << ": " << figures.peers;
}

namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Seconds kMaxPeerAge = 1200;

auto is_client(std::string name, std::uint64_t peers) {
  return testing::AllOf(Field(&ClientFigures::name, name), Field(&ClientFigures::peers, peers));
}

PeerId peer(std::string_view client, std::uint64_t number) {
  PeerId id;
  std::ranges::copy(as_bytes(client), id.bytes.begin());
  store_big_endian(id.bytes.data() + 12, number);
  return id;
}

std::uint64_t sum_of(const std::vector<ClientFigures>& clients) {
  return std::accumulate(clients.begin(), clients.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& client) { return sum + client.peers; });
}

// Lets numbered peers of a program announce, as many at a time as a worker's room allows.
void announce(ClientCensus& census, ClientSampler& sampler, std::string_view client,
              std::uint64_t count, Seconds now) {
  for (std::uint64_t i = 0; i < count; ++i) {
    sampler.see(peer(client, i), now);
    if (i % ClientSampler::kRoom == ClientSampler::kRoom - 1) census.tick(now);
  }
  census.tick(now);
}

TEST(ClientCensus, CountsFewPeersExactly) {
  ClientCensus census(1);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  EXPECT_THAT(census.clients(), IsEmpty());
  announce(census, sampler, "-TR4060-", 3, 10);
  announce(census, sampler, "-qB4620-", 5, 10);
  announce(census, sampler, "?", 1, 10);
  EXPECT_THAT(census.clients(),
              ElementsAre(is_client("qBittorrent 4.6.2", 5), is_client("Transmission 4.0.6", 3),
                          is_client("Other", 1)));
}

TEST(ClientCensus, APeerIdCountsOnceWhoeverSeesIt) {
  ClientCensus census(1);
  ClientSampler& one = census.add_sampler(kMaxPeerAge);
  ClientSampler& another = census.add_sampler(kMaxPeerAge);
  for (Seconds now = 1; now < 20; ++now) {
    one.see(peer("-TR4060-", 1), now);
    another.see(peer("-TR4060-", 1), now);
    census.tick(now);
  }
  EXPECT_THAT(census.clients(), ElementsAre(is_client("Transmission 4.0.6", 1)));
}

TEST(ClientCensus, WhoIsSilentForTooLongIsForgotten) {
  ClientCensus census(1);
  ClientSampler& patient = census.add_sampler(kMaxPeerAge);
  ClientSampler& hasty = census.add_sampler(180);
  announce(census, patient, "-TR4060-", 1, 100);
  announce(census, hasty, "-WW0201-", 1, 100);
  census.tick(280);
  EXPECT_THAT(census.clients(), SizeIs(2));
  census.tick(281);
  EXPECT_THAT(census.clients(), ElementsAre(is_client("Transmission 4.0.6", 1)));
  announce(census, patient, "-TR4060-", 1, 1000);
  census.tick(1000 + kMaxPeerAge);
  EXPECT_EQ(census.size(), 1u);
  census.tick(1001 + kMaxPeerAge);
  EXPECT_EQ(census.size(), 0u);
}

// The seed is fixed: this is not about luck, but about whether the estimate is one.
TEST(ClientCensus, EstimatesManyPeersFromAFew) {
  constexpr std::size_t kRoom = 4096;
  ClientCensus census(1, kRoom);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  announce(census, sampler, "-qB4620-", 200'000, 10);
  announce(census, sampler, "-TR4060-", 60'000, 10);
  announce(census, sampler, "-DE211s-", 20'000, 10);
  EXPECT_GT(census.level(), 5u);
  EXPECT_LE(census.size(), kRoom);
  EXPECT_GE(census.size(), kRoom / 3);

  const auto clients = census.clients();
  ASSERT_THAT(clients, SizeIs(3));
  EXPECT_EQ(clients[0].name, "qBittorrent 4.6.2");
  EXPECT_NEAR(static_cast<double>(clients[0].peers), 200'000, 200'000 * 0.1);
  EXPECT_EQ(clients[1].name, "Transmission 4.0.6");
  EXPECT_NEAR(static_cast<double>(clients[1].peers), 60'000, 60'000 * 0.15);
  EXPECT_EQ(clients[2].name, "Deluge 2.1.1 stable");
  EXPECT_NEAR(static_cast<double>(clients[2].peers), 20'000, 20'000 * 0.25);
}

TEST(ClientCensus, AnAverageOfManySeedsIsRight) {
  constexpr int kSeeds = 100;
  constexpr std::uint64_t kPeers = 3000;
  double sum = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    ClientCensus census(static_cast<std::uint64_t>(seed), 128);
    announce(census, census.add_sampler(kMaxPeerAge), "-TR4060-", kPeers, 10);
    sum += static_cast<double>(sum_of(census.clients()));
  }
  // Each estimate is off by 10 % or so, their average by a tenth of that.
  EXPECT_NEAR(sum / kSeeds, kPeers, kPeers * 0.04);
}

TEST(ClientCensus, AFloodOfRandomPeerIdsStaysInItsRoom) {
  ClientCensus census(1);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  const std::size_t heap_before = test::live_heap_bytes();
  Random random(2);
  constexpr std::uint64_t kASecond = 20'000;
  for (Seconds now = 1; now <= 100; ++now) {
    for (std::uint64_t i = 0; i < kASecond; ++i) {
      PeerId id;
      store_big_endian(id.bytes.data(), random());
      store_big_endian(id.bytes.data() + 8, random());
      sampler.see(id, now);
    }
    census.tick(now);
    ASSERT_LE(census.size(), ClientCensus::kRoom);
  }
  EXPECT_LE(test::live_heap_bytes(), heap_before + 200 * ClientCensus::kRoom);
  // The first sightings were lost, until the level had risen.
  EXPECT_NEAR(static_cast<double>(sum_of(census.clients())), 100.0 * kASecond,
              100.0 * kASecond * 0.1);
}

TEST(ClientCensus, NobodyFillsTheRoomWithOnePeerId) {
  ClientCensus census(1);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  for (Seconds now = 1; now <= 5; ++now) {
    for (int i = 0; i < 100'000; ++i) sampler.see(peer("-XX0000-", 1), now);
    census.tick(now);
  }
  EXPECT_EQ(sampler.lost(), 0u);
  EXPECT_EQ(census.level(), 0u);
}

TEST(ClientCensus, LooksCloserOnceThereAreFewer) {
  ClientCensus census(1, 256);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  announce(census, sampler, "-TR4060-", 5000, 1);
  const unsigned crowded = census.level();
  ASSERT_GT(crowded, 3u);
  // Only forty are left and announce every ten minutes. Whatever the level, the estimate is never
  // that of peers who are known in part.
  for (Seconds now = 2; now < 20 * kMaxPeerAge; ++now) {
    if (now % 600 == 0) {
      for (std::uint64_t i = 0; i < 40; ++i) sampler.see(peer("-TR4060-", i), now);
    }
    census.tick(now);
    if (now > 2 * kMaxPeerAge) {
      const std::uint64_t peers = sum_of(census.clients());
      ASSERT_TRUE(peers == 0 || peers >= 40 / 2) << "at " << now << " level " << census.level();
    }
  }
  EXPECT_EQ(census.level(), 0u);
  EXPECT_EQ(sum_of(census.clients()), 40u);
}

TEST(ClientCensus, RareProgramsCountAsOther) {
  ClientCensus census(1);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  for (unsigned i = 0; i < 200; ++i) {
    std::string id = "-qB0000-";
    id[3] = static_cast<char>('0' + i / 100);
    id[4] = static_cast<char>('0' + i / 10 % 10);
    id[5] = static_cast<char>('0' + i % 10);
    announce(census, sampler, id, i < 100 ? 2 : 1, 1);
  }
  const auto clients = census.clients();
  ASSERT_THAT(clients, SizeIs(ClientCensus::kMaxClients + 1));
  EXPECT_THAT(clients.front(), is_client("Other", 100));
  EXPECT_EQ(sum_of(clients), 300u);
}

TEST(ClientCensus, TellsPrefixesInHexadecimal) {
  ClientCensus census(1);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  announce(census, sampler, "-TR4060-", 2, 1);
  announce(census, sampler, std::string_view("\0\xff\"", 3), 1, 1);
  const auto prefixes = census.peer_id_prefixes();
  ASSERT_THAT(prefixes, SizeIs(2));
  EXPECT_EQ(prefixes[0].hex, "2d5452343036302d");
  EXPECT_EQ(prefixes[0].peers, 2u);
  EXPECT_EQ(prefixes[1].hex, "00ff220000000000");
}

TEST(ClientCensus, OnlySoManyPrefixesAreTold) {
  ClientCensus census(1);
  ClientSampler& sampler = census.add_sampler(kMaxPeerAge);
  for (std::uint64_t i = 0; i < 1500; ++i) {
    PeerId id;
    store_big_endian(id.bytes.data(), i);
    sampler.see(id, 1);
  }
  sampler.see(peer("-TR4060-", 1), 1);
  sampler.see(peer("-TR4060-", 2), 1);
  census.tick(1);
  const auto prefixes = census.peer_id_prefixes();
  ASSERT_THAT(prefixes, SizeIs(ClientCensus::kMaxPrefixes));
  EXPECT_EQ(prefixes.front().peers, 2u);
}

TEST(ClientCensus, WorkersSeeWhileTheControlLoopCounts) {
  constexpr std::uint64_t kPeers = 50'000;
  constexpr std::size_t kWorkers = 3;
  ClientCensus census(1, 1024);
  std::vector<ClientSampler*> samplers;
  for (std::size_t i = 0; i < kWorkers; ++i) samplers.push_back(&census.add_sampler(kMaxPeerAge));
  std::atomic<std::size_t> running = kWorkers;
  std::vector<std::jthread> workers;
  for (ClientSampler* const sampler : samplers) {
    workers.emplace_back([sampler, &running] {
      // Twice, so that those who were lost come again.
      for (std::uint64_t i = 0; i < 2 * kPeers; ++i) sampler->see(peer("-TR4060-", i % kPeers), 1);
      --running;
    });
  }
  while (running > 0) census.tick(1);
  announce(census, *samplers[0], "-TR4060-", kPeers, 2);
  EXPECT_LE(census.size(), 1024u);
  EXPECT_NEAR(static_cast<double>(sum_of(census.clients())), kPeers, kPeers * 0.2);
}

}  // namespace
}  // namespace aquatic::server
