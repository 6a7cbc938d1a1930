// SPDX-License-Identifier: Apache-2.0
// What an announce and a scrape cost, and how much memory torrents and peers take.
//
//   swarm_bench [speed|flat|memory|expiry]…   everything, or what is named; minutes
//   swarm_bench --smoke                       a few milliseconds; does it still work?
//
// Each figure is a median of 11 rounds with the least and the greatest. Rounds of what is compared
// are interleaved. Torrents, peers and the order of requests come from a fixed seed; the sums of
// all counts and response lengths are compared with what they have to be.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/measure.h"
#include "swarm/swarm.h"

namespace aquatic::swarm {
namespace {

using bench::cpu_nanoseconds;
using bench::expect;
using bench::in_child;
using bench::kIsRelease;
using bench::resident_bytes;
using bench::Spread;
using SteadyTime = std::chrono::steady_clock;

constexpr std::size_t kRounds = 11;
constexpr std::size_t kWantedPeers = 50;
constexpr std::uint32_t kMaxBatch = 128;

bool g_is_smoke = false;

double nanoseconds_since(SteadyTime::time_point start) {
  return std::chrono::duration<double, std::nano>(SteadyTime::now() - start).count();
}

bool keep_all(const InfoHash&) { return true; }

// --- Requests ------------------------------------------------------------------------------------

InfoHash info_hash_of(std::uint64_t torrent) {
  Random bytes(torrent);
  InfoHash info_hash;
  const std::array<std::uint64_t, 3> words = {bytes(), bytes(), bytes()};
  std::memcpy(info_hash.bytes.data(), words.data(), InfoHash::kBytes);
  return info_hash;
}

// Different for each number below 2^24.
Endpoint endpoint_of(Family family, std::uint32_t peer) {
  std::array<std::byte, IpAddress::kV6Bytes> bytes{};
  store_big_endian(bytes.data(), peer | 0x20000000);
  const std::span all(bytes);
  return {
      family == Family::ipv4 ? IpAddress::v4(all.first<IpAddress::kV4Bytes>()) : IpAddress::v6(all),
      6881};
}

struct Request {
  InfoHash info_hash;
  Endpoint peer;
};

// Every torrent has this many peers, all leechers.
struct Population {
  Family family = Family::ipv4;
  std::uint32_t torrents = 0;
  std::uint32_t peers_each = 0;

  Request request(std::uint32_t torrent, std::uint32_t peer) const {
    return {info_hash_of(torrent), endpoint_of(family, torrent % 1024 * 1024 + peer)};
  }
  std::vector<Request> requests(std::uint32_t count, Random& random) const {
    std::vector<Request> made(count);
    for (Request& each : made) each = request(random.below(torrents), random.below(peers_each));
    return made;
  }
};

class Bench {
 public:
  explicit Bench(const Population& population) : population_(population) {
    for (std::uint32_t torrent = 0; torrent < population.torrents; ++torrent) {
      for (std::uint32_t peer = 0; peer < population.peers_each; ++peer) {
        const Request request = population.request(torrent, peer);
        swarm_.announce(swarm_.locate(population.family, request.info_hash),
                        {request.peer, Status::leecher}, 0, {}, random_);
      }
    }
    const Totals totals = swarm_.totals(population.family);
    expect(totals.torrents == population.torrents, "torrents");
    expect(totals.peers == std::uint64_t{population.torrents} * population.peers_each, "peers");
  }

  Swarm& swarm() { return swarm_; }

  // How many stages of prefetching go before each batch: none, slots, torrents, peers.
  double announce_ns(std::uint32_t batch, int stages, std::uint32_t count) {
    const auto requests = population_.requests(count, random_);
    std::array<TorrentKey, kMaxBatch> keys;
    Announced sum;
    const double start = cpu_nanoseconds();
    for (std::size_t i = 0; i < requests.size(); i += batch) {
      const std::span<const Request> part(requests.data() + i,
                                          std::min<std::size_t>(batch, requests.size() - i));
      locate_and_prefetch(part, keys, stages);
      for (std::size_t j = 0; j < part.size(); ++j) add(sum, announce(keys[j], part[j].peer));
    }
    const double ns = (cpu_nanoseconds() - start) / count;
    check(sum, count);
    return ns;
  }

  double scrape_ns(std::uint32_t batch, int stages, std::uint32_t count) {
    const auto requests = population_.requests(count, random_);
    std::array<TorrentKey, kMaxBatch> keys;
    std::uint64_t peers = 0;
    const double start = cpu_nanoseconds();
    for (std::size_t i = 0; i < requests.size(); i += batch) {
      const std::span<const Request> part(requests.data() + i,
                                          std::min<std::size_t>(batch, requests.size() - i));
      locate_and_prefetch(part, keys, stages);
      for (std::size_t j = 0; j < part.size(); ++j) {
        const Counts counts = swarm_.scrape(keys[j]);
        peers += counts.seeders + counts.leechers;
      }
    }
    const double ns = (cpu_nanoseconds() - start) / count;
    expect(peers == std::uint64_t{count} * population_.peers_each, "scraped peers");
    return ns;
  }

  // Of a batch of 32 each, in microseconds.
  std::vector<double> batch_latencies_us(std::uint32_t count) {
    const auto requests = population_.requests(count, random_);
    std::array<TorrentKey, kMaxBatch> keys;
    std::vector<double> latencies;
    Announced sum;
    for (std::size_t i = 0; i + 32 <= requests.size(); i += 32) {
      const std::span<const Request> part(requests.data() + i, 32);
      const auto start = SteadyTime::now();
      locate_and_prefetch(part, keys, 2);
      for (std::size_t j = 0; j < part.size(); ++j) add(sum, announce(keys[j], part[j].peer));
      latencies.push_back(nanoseconds_since(start) / 1000);
    }
    return latencies;
  }

 private:
  std::size_t peer_bytes() const { return population_.family == Family::ipv4 ? 6 : 18; }

  void locate_and_prefetch(std::span<const Request> part, std::array<TorrentKey, kMaxBatch>& keys,
                           int stages) {
    for (std::size_t j = 0; j < part.size(); ++j) {
      keys[j] = swarm_.locate(population_.family, part[j].info_hash);
      if (stages > 0) swarm_.prefetch_slot(keys[j]);
    }
    for (std::size_t j = 0; stages > 1 && j < part.size(); ++j) swarm_.prefetch_torrent(keys[j]);
    for (std::size_t j = 0; stages > 2 && j < part.size(); ++j) swarm_.prefetch_peers(keys[j]);
  }

  Announced announce(const TorrentKey& key, const Endpoint& peer) {
    return swarm_.announce(key, {peer, Status::leecher}, 1,
                           MutableBytes(room_).first(kWantedPeers * peer_bytes()), random_);
  }

  static void add(Announced& sum, const Announced& announced) {
    sum.leechers += announced.leechers;
    sum.peer_bytes += announced.peer_bytes;
  }

  void check(const Announced& sum, std::uint32_t count) const {
    const std::size_t others = population_.peers_each - 1;
    expect(sum.leechers == static_cast<std::uint32_t>(count * others), "leechers");
    const std::size_t bytes = count * std::min(others, kWantedPeers) * peer_bytes();
    expect(sum.peer_bytes == static_cast<std::uint32_t>(bytes), "peer bytes");
  }

  Population population_;
  Swarm swarm_{Options{.hash_seed = 1}};
  Random random_{2};
  std::array<std::byte, kWantedPeers * 18> room_;
};

// --- What is measured ----------------------------------------------------------------------------

struct Way {
  std::uint32_t batch;
  int stages;
};
constexpr std::array<Way, 8> kWays = {
    {{1, 0}, {1, 3}, {8, 3}, {32, 0}, {32, 1}, {32, 2}, {32, 3}, {128, 3}}};

void print_ways(const char* what, std::array<Spread, kWays.size()>& spreads) {
  for (std::size_t i = 0; i < kWays.size(); ++i) {
    std::array<char, 64> label;
    std::snprintf(label.data(), label.size(), "%s, batch %u, %d prefetch stages", what,
                  kWays[i].batch, kWays[i].stages);
    spreads[i].print(label.data(), "ns");
  }
}

void measure_speed_of(const Population& population) {
  const std::uint32_t count = g_is_smoke ? 256 : 200'000;
  Bench bench(population);
  std::array<Spread, kWays.size()> announces;
  std::array<Spread, kWays.size()> scrapes;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kWays.size(); ++i) {
      announces[i].values.push_back(bench.announce_ns(kWays[i].batch, kWays[i].stages, count));
      scrapes[i].values.push_back(bench.scrape_ns(kWays[i].batch, kWays[i].stages, count));
    }
  }
  std::printf("\n%u torrents of %u peers\n", population.torrents, population.peers_each);
  print_ways("announce", announces);
  print_ways("scrape", scrapes);
}

void measure_speed() {
  if (g_is_smoke) return measure_speed_of({Family::ipv4, 100, 2});
  for (const std::uint32_t torrents : {10'000u, 1'000'000u, 10'000'000u}) {
    measure_speed_of({Family::ipv4, torrents, 2});
  }
  measure_speed_of({Family::ipv6, 1'000'000, 2});
  measure_speed_of({Family::ipv4, 100'000, 20});
}

void measure_flatness() {
  std::printf("\nannounces to one torrent, 50 peers wanted\n");
  const std::uint32_t count = g_is_smoke ? 256 : 100'000;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (const std::uint32_t peers :
         {1u, 4u, 10u, 64u, 100u, 1000u, 10'000u, 100'000u, 1'000'000u}) {
      if (g_is_smoke && peers > 1000) continue;
      Bench bench({family, 1, peers});
      Spread spread;
      for (std::size_t round = 0; round < kRounds; ++round) {
        spread.values.push_back(bench.announce_ns(32, 3, count));
      }
      std::array<char, 64> label;
      std::snprintf(label.data(), label.size(), "%s, swarm of %u",
                    family == Family::ipv4 ? "IPv4" : "IPv6", peers);
      spread.print(label.data(), "ns");
    }
  }
}

void measure_memory_of(const Population& population) {
  const std::uint64_t before = resident_bytes();
  Bench bench(population);
  const std::uint64_t used = resident_bytes() - before;
  const double torrents = population.torrents;
  std::printf("%s, %8u torrents of %8u peers: %8.2f bytes a torrent, %7.2f a peer\n",
              population.family == Family::ipv4 ? "IPv4" : "IPv6", population.torrents,
              population.peers_each, static_cast<double>(used) / torrents,
              static_cast<double>(used) / torrents / population.peers_each);
  bench.swarm().expire_all(3600, keep_all);
  const std::uint64_t kept = resident_bytes() - before;
  malloc_trim(0);
  std::printf("%46s after expiry %.1f MB of %.1f MB, trimmed %.1f MB\n", "",
              static_cast<double>(kept) / 1e6, static_cast<double>(used) / 1e6,
              static_cast<double>(resident_bytes() - before) / 1e6);
}

void measure_memory() {
  std::printf("\nresident memory, allocator and shards included\n");
  const std::uint32_t scale = g_is_smoke ? 1000 : 1;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (const auto& [torrents, peers] : {std::pair{1'000'000u, 1u},
                                          {1'300'000u, 1u},
                                          {1'000'000u, 2u},
                                          {200'000u, 8u},
                                          {50'000u, 50u},
                                          {20'000u, 100u},
                                          {1u, 1'000'000u}}) {
      const Population population = torrents == 1 ? Population{family, 1, peers / scale}
                                                  : Population{family, torrents / scale, peers};
      in_child([&] { measure_memory_of(population); });
    }
  }
}

void print_latencies(const char* label, std::vector<double> latencies) {
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double share) {
    return latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))];
  };
  std::printf("%-44s p50 %6.2f us, p99 %6.2f us, p99.9 %6.2f us, max %8.2f us\n", label, at(0.5),
              at(0.99), at(0.999), at(1));
}

// A pass that never ends is far more than expire_some() does: the worst that expiry can be.
void measure_expiry() {
  std::printf("\nbatches of 32 announces beside expiry\n");
  Bench bench({Family::ipv4, g_is_smoke ? 100u : 1'000'000u, 2});
  std::atomic<bool> is_expiring = false;
  std::atomic<bool> is_over = false;
  std::jthread expirer([&] {
    while (!is_over) {
      if (is_expiring) {
        bench.swarm().expire_all(2, keep_all);
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::array<std::vector<double>, 2> latencies;
  for (std::size_t round = 0; round < 2 * kRounds; ++round) {
    is_expiring = round % 2 == 1;
    const auto measured = bench.batch_latencies_us(g_is_smoke ? 256 : 320'000);
    auto& all = latencies[round % 2];
    all.insert(all.end(), measured.begin(), measured.end());
  }
  is_over = true;
  expirer.join();
  print_latencies("without", latencies[0]);
  print_latencies("beside passes without a pause", latencies[1]);
  const auto start = SteadyTime::now();
  bench.swarm().expire_all(2, keep_all);
  std::printf("one pass alone: %.1f ms\n", nanoseconds_since(start) / 1e6);
}

}  // namespace
}  // namespace aquatic::swarm

int main(int argc, char** argv) {
  using namespace aquatic::swarm;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  g_is_smoke = std::find(arguments.begin(), arguments.end(), "--smoke") != arguments.end();
  if (!kIsRelease && !g_is_smoke) {
    std::fprintf(stderr, "swarm_bench: not a release build, its figures would mean nothing\n");
    return 1;
  }
  const auto is_wanted = [&](std::string_view name) {
    return g_is_smoke || arguments.empty() ||
           std::find(arguments.begin(), arguments.end(), name) != arguments.end();
  };
  if (is_wanted("memory")) measure_memory();
  if (is_wanted("speed")) measure_speed();
  if (is_wanted("flat")) measure_flatness();
  if (is_wanted("expiry")) measure_expiry();
}
