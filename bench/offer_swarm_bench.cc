// SPDX-License-Identifier: Apache-2.0
// What an announce with offers costs, and how much memory WebTorrent peers take.
//
//   offer_swarm_bench [speed|memory]…   everything, or what is named; a minute or two
//   offer_swarm_bench --smoke           a few milliseconds; does it still work?
//
// Each figure is a median of 11 rounds with the least and the greatest; rounds of what is compared
// are interleaved. Torrents, peers and the order of announces come from a fixed seed; how many
// offers were passed on is compared with what it has to be.
#include <malloc.h>

#include <array>
#include <string_view>

#include "bench/measure.h"
#include "swarm/offers/offer_swarm.h"
#include "tests/support/live_memory.h"

namespace aquatic::offers {
namespace {

using bench::expect;
using bench::Spread;
using test::live_heap_bytes;

constexpr std::size_t kRounds = 11;
constexpr std::array<std::uint32_t, 3> kOfferCounts = {0, 5, 10};
constexpr std::uint32_t kMaxOffers = 10;

bool g_is_smoke = false;

// Random bytes, the same for each number.
template <class Id>
Id id_of(std::uint64_t number) {
  Random bytes(number);
  Id id;
  const std::array<std::uint64_t, 3> words = {bytes(), bytes(), bytes()};
  std::memcpy(id.bytes.data(), words.data(), id.bytes.size());
  return id;
}

// Every torrent has as many peers; every fifth of them seeds.
struct Population {
  std::uint32_t torrents = 0;
  std::uint32_t peers_each = 0;

  std::uint64_t peers() const { return std::uint64_t{torrents} * peers_each; }
};

struct Request {
  Torrent torrent;
  Announcement announcement;
};

class Bench {
 public:
  explicit Bench(const Population& population) : population_(population) {
    for (std::uint32_t i = 0; i < kMaxOffers; ++i) offers_[i] = id_of<OfferId>(i);
    each_peer(0);
    const Totals totals = swarm_->totals(Family::ipv4);
    expect(totals.torrents == population.torrents, "torrents");
    expect(totals.peers == population.peers(), "peers");
  }

  // All announce once, with so many offers.
  void each_peer(std::uint32_t offers) {
    for (std::uint32_t torrent = 0; torrent < population_.torrents; ++torrent) {
      for (std::uint32_t peer = 0; peer < population_.peers_each; ++peer) {
        announce(request(torrent, peer), offers);
      }
    }
  }

  double announce_ns(std::uint32_t offers, std::uint32_t count) {
    std::vector<Request> requests(count);
    for (Request& each : requests) {
      each = request(random_.below(population_.torrents), random_.below(population_.peers_each));
    }
    std::uint64_t receivers = 0;
    const double start = bench::cpu_nanoseconds();
    for (const Request& each : requests) receivers += announce(each, offers);
    const double ns = (bench::cpu_nanoseconds() - start) / count;
    // With fewer than eleven peers somebody would have nobody to offer to.
    const std::uint64_t expected = population_.peers_each == 1 ? 0 : std::uint64_t{count} * offers;
    expect(receivers == expected, "offers passed on");
    return ns;
  }

  void let_all_leave() {
    for (std::uint32_t torrent = 0; torrent < population_.torrents; ++torrent) {
      for (std::uint32_t peer = 0; peer < population_.peers_each; ++peer) {
        const Request each = request(torrent, peer);
        swarm_->leave(each.torrent, each.announcement.peer_id, each.announcement.connection);
      }
    }
    swarm_->expire_all(1, [](const InfoHash&) { return true; });
    expect(swarm_->totals(Family::ipv4).torrents == 0, "remaining torrents");
  }

 private:
  Request request(std::uint32_t torrent, std::uint32_t peer) const {
    const std::uint64_t number = std::uint64_t{torrent} * population_.peers_each + peer;
    const auto status = peer % 5 == 0 ? swarm::Status::seeder : swarm::Status::leecher;
    return {{id_of<InfoHash>(torrent)},
            {.peer_id = id_of<PeerId>(number),
             .connection = {.stream = number},
             .ip = {},
             .status = status}};
  }

  std::uint32_t announce(const Request& request, std::uint32_t offers) {
    std::array<Connection, kMaxOffers> receivers;
    const auto announced =
        swarm_->announce(request.torrent, request.announcement, std::span(offers_).first(offers), 1,
                         receivers, random_);
    return announced ? announced->receiver_count : UINT32_MAX;
  }

  const Population population_;
  const std::unique_ptr<OfferSwarm> swarm_ = std::make_unique<OfferSwarm>(Options{.hash_seed = 1});
  std::array<OfferId, kMaxOffers> offers_;
  Random random_{2};
};

void measure_speed_of(const Population& population) {
  Bench bench(population);
  std::array<Spread, kOfferCounts.size()> spreads;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kOfferCounts.size(); ++i) {
      spreads[i].values.push_back(bench.announce_ns(kOfferCounts[i], g_is_smoke ? 100 : 50'000));
    }
  }
  std::printf("\n%u torrents of %u peers\n", population.torrents, population.peers_each);
  for (std::size_t i = 0; i < kOfferCounts.size(); ++i) {
    std::array<char, 64> label;
    std::snprintf(label.data(), label.size(), "announce with %u offers", kOfferCounts[i]);
    spreads[i].print(label.data(), "ns");
  }
}

void measure_speed() {
  if (g_is_smoke) return measure_speed_of({10, 100});
  measure_speed_of({10'000, 1});
  measure_speed_of({1'000'000, 1});
  measure_speed_of({10'000, 100});
  measure_speed_of({100, 10'000});
}

void measure_memory_of(const Population& population) {
  const std::size_t start = live_heap_bytes();
  const std::uint64_t resident = bench::resident_bytes();
  Bench bench(population);
  const auto peers = static_cast<double>(population.peers());
  const auto print_each = [&](const char* what) {
    std::printf("%-44s %9.1f bytes a peer, resident %.1f\n", what,
                static_cast<double>(live_heap_bytes() - start) / peers,
                static_cast<double>(bench::resident_bytes() - resident) / peers);
  };
  std::printf("\n%u torrents of %u peers\n", population.torrents, population.peers_each);
  print_each("without offers");
  if (population.peers_each > kMaxOffers) {
    bench.each_peer(kMaxOffers);
    print_each("with 10 offers pending");
  }
  bench.let_all_leave();
  malloc_trim(0);
  std::printf("%-44s %9.3f MB, resident %.1f MB\n", "after all have left",
              static_cast<double>(live_heap_bytes() - start) / 1e6,
              static_cast<double>(bench::resident_bytes() - resident) / 1e6);
}

void measure_memory() {
  const std::uint32_t scale = g_is_smoke ? 100 : 1;
  for (const Population& population :
       {Population{1'000'000 / scale, 1}, Population{10'000 / scale, 100},
        Population{100 / scale, 10'000 / scale}}) {
    bench::in_child([&] { measure_memory_of(population); });
  }
}

}  // namespace
}  // namespace aquatic::offers

int main(int argc, char** argv) {
  using namespace aquatic::offers;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  g_is_smoke = std::find(arguments.begin(), arguments.end(), "--smoke") != arguments.end();
  if (!aquatic::bench::kIsRelease && !g_is_smoke) {
    std::fprintf(stderr,
                 "offer_swarm_bench: not a release build, its figures would mean nothing\n");
    return 1;
  }
  const auto is_wanted = [&](std::string_view name) {
    return g_is_smoke || arguments.empty() ||
           std::find(arguments.begin(), arguments.end(), name) != arguments.end();
  };
  if (is_wanted("memory")) measure_memory();
  if (is_wanted("speed")) measure_speed();
}
