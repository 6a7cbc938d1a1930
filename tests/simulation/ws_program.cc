// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/ws_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aquatic::simulation {
namespace {

using Kind = Program::Kind;

Kind any_kind(const WsScenario& scenario, Random& random) {
  const std::pair<unsigned, Kind> kinds[] = {
      {scenario.restless, Kind::restless}, {scenario.hanging, Kind::hanging},
      {scenario.slow, Kind::slow},         {scenario.lying, Kind::lying},
      {scenario.babbling, Kind::babbling}, {scenario.sleepy, Kind::sleepy}};
  unsigned luck = random.below(100);
  for (const auto& [share, kind] : kinds) {
    if (luck < share) return kind;
    luck -= share;
  }
  return Kind::calm;
}

// The square makes the first torrents large and the last ones small.
const InfoHash& any_torrent(std::span<const InfoHash> torrents, Random& random) {
  return torrents[random.below(1000) * random.below(1000) / 1000 * torrents.size() / 1000];
}

}  // namespace

std::string numbered_ip(Family family, std::uint32_t number) {
  return family == Family::ipv4
             ? fmt::format("10.{}.{}.{}", number >> 16, (number >> 8) & 255, number & 255)
             : fmt::format("2001:db8::{:x}:{:x}", number >> 16, number & 0xFFFF);
}

std::vector<InfoHash> make_torrents(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<InfoHash> torrents(count);
  for (InfoHash& torrent : torrents) torrent = random_id<InfoHash>(random);
  return torrents;
}

std::vector<Program> make_programs(const WsScenario& scenario, std::span<const InfoHash> torrents,
                                   Random& random) {
  std::vector<Program> programs(scenario.program_count);
  std::uint32_t number = 0;
  for (Program& program : programs) {
    program.ip = numbered_ip(number % 3 == 2 ? Family::ipv6 : Family::ipv4, number);
    ++number;
    program.kind = any_kind(scenario, random);
    for (std::uint32_t i = random.below(4) + 1; i > 0; --i) {
      const InfoHash& torrent = any_torrent(torrents, random);
      const auto is_it = [&](const Program::Share& share) { return share.info_hash == torrent; };
      if (std::ranges::any_of(program.shares, is_it)) continue;
      program.shares.push_back({torrent, random_id<PeerId>(random), random.below(3) == 0});
    }
  }
  return programs;
}

}  // namespace aquatic::simulation
