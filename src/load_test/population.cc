// SPDX-License-Identifier: Apache-2.0
#include "load_test/population.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "load_test/alias_table.h"

namespace aquatic::load_test {
namespace {

// Any would do; they are fixed so that figures of different runs can be compared.
constexpr std::uint64_t kPeerSeed = 0x706565727321;
constexpr std::uint64_t kInfoHashSeed = 0x746f7272656e7473;

// The distribution of the original load tester, so that its figures can be compared: with a
// million torrents and two million peers, 0.1 % of the torrents get 29 % of the peers, 1 % get
// 72 %, and the other 99 % have half a peer each.
std::vector<double> steep_weights(std::uint32_t torrent_count, std::uint32_t peer_count) {
  const double floor = static_cast<double>(torrent_count) / std::max(peer_count, 1u);
  std::vector<double> weights(torrent_count);
  for (std::uint32_t i = 0; i < torrent_count; ++i) {
    weights[i] = floor + std::exp(6.5 - 500.0 * i / torrent_count);
  }
  return weights;
}

std::vector<double> harmonic_weights(std::uint32_t torrent_count) {
  std::vector<double> weights(torrent_count);
  for (std::uint32_t i = 0; i < torrent_count; ++i) weights[i] = 1 / (1.0 + i);
  return weights;
}

}  // namespace

Population::Population(std::uint32_t torrent_count, std::uint32_t peer_count, Popularity popularity)
    : torrent_count_(torrent_count), peers_(peer_count) {
  CHECK(torrent_count > 0);
  const AliasTable table(popularity == Popularity::steep ? steep_weights(torrent_count, peer_count)
                                                         : harmonic_weights(torrent_count));
  Random random(kPeerSeed);
  for (SimulatedPeer& peer : peers_) {
    peer.torrent = table.draw(random);
    peer.port = static_cast<std::uint16_t>(1 + random.below(65'535));
  }
}

InfoHash Population::info_hash(std::uint32_t torrent) noexcept {
  Random random(kInfoHashSeed + torrent);
  InfoHash info_hash;
  for (std::size_t done = 0; done < InfoHash::kBytes;) {
    const std::uint64_t word = random();
    const std::size_t bytes = std::min(sizeof(word), InfoHash::kBytes - done);
    std::memcpy(info_hash.bytes.data() + done, &word, bytes);
    done += bytes;
  }
  return info_hash;
}

PeerId Population::peer_id(std::uint32_t peer) noexcept {
  constexpr std::string_view kProgram = "-AT0100-000000000000";
  static_assert(kProgram.size() == PeerId::kBytes);
  PeerId id;
  std::memcpy(id.bytes.data(), kProgram.data(), kProgram.size());
  for (std::size_t at = PeerId::kBytes; peer > 0; peer /= 10) {
    id.bytes[--at] = static_cast<std::byte>('0' + peer % 10);
  }
  return id;
}

std::vector<std::uint32_t> Population::peers_per_torrent() const {
  std::vector<std::uint32_t> counts(torrent_count_);
  for (const SimulatedPeer& peer : peers_) ++counts[peer.torrent];
  return counts;
}

}  // namespace aquatic::load_test
