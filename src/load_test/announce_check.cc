// SPDX-License-Identifier: Apache-2.0
#include "load_test/announce_check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>

namespace aquatic::load_test {
namespace {

constexpr std::size_t ip_bytes(Family family) noexcept {
  return family == Family::ipv4 ? IpAddress::kV4Bytes : IpAddress::kV6Bytes;
}
constexpr std::size_t peer_bytes(Family family) noexcept {
  return ip_bytes(family) + sizeof(std::uint16_t);
}

// The peers of an announce response, each `bytes` long.
class WirePeers {
 public:
  WirePeers(Bytes all, Family family) noexcept : all_(all), bytes_(peer_bytes(family)) {}

  std::size_t size() const noexcept { return all_.size() / bytes_; }
  Bytes operator[](std::size_t i) const noexcept { return all_.subspan(i * bytes_, bytes_); }

 private:
  Bytes all_;
  std::size_t bytes_;
};

// A peer as a response has it.
struct WirePeer {
  std::array<std::byte, peer_bytes(Family::ipv6)> bytes;
  std::size_t size;

  explicit WirePeer(const Endpoint& endpoint) noexcept {
    const auto ip = endpoint.ip.bytes();
    std::ranges::copy(ip, bytes.begin());
    store_big_endian(bytes.data() + ip.size(), endpoint.port);
    size = ip.size() + sizeof(endpoint.port);
  }
};

bool is_same(Bytes a, Bytes b) noexcept { return std::memcmp(a.data(), b.data(), a.size()) == 0; }

bool is_impossible(Bytes peer) noexcept {
  const auto is_zero = [](std::byte b) { return b == std::byte{0}; };
  return std::ranges::all_of(peer.last<2>(), is_zero) ||
         std::ranges::all_of(peer.first(peer.size() - 2), is_zero);
}

bool has_repetition(const WirePeers& peers) noexcept {
  for (std::size_t i = 1; i < peers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (is_same(peers[i], peers[j])) return true;
    }
  }
  return false;
}

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

std::optional<Fault> check_peer_count(const AnnounceExpectation& expected,
                                      const AnnouncedPeers& announced,
                                      std::size_t peer_count) noexcept {
  const std::uint64_t cap =
      expected.max_response_peers > 0 ? expected.max_response_peers : kUnlimited;
  const std::uint64_t wanted =
      expected.peers_wanted > 0 ? static_cast<std::uint64_t>(expected.peers_wanted) : kUnlimited;
  const std::uint64_t most = std::min(cap, wanted);
  const std::uint64_t there = std::uint64_t{announced.seeders} + announced.leechers;
  if (peer_count > most) return Fault::too_many_peers;
  if (peer_count > there) return Fault::uncounted_peers;
  const bool is_cap_known = cap != kUnlimited;
  if (is_cap_known && peer_count < std::min(most, there)) return Fault::missing_peers;
  return std::nullopt;
}

}  // namespace

std::optional<Fault> check(const AnnounceExpectation& expected, const AnnouncedPeers& announced,
                           Depth depth) noexcept {
  const WirePeers peers(announced.peers, expected.self.ip.family());
  if (const auto fault = check_peer_count(expected, announced, peers.size())) return fault;
  const WirePeer self(expected.self);
  const Bytes self_bytes = Bytes(self.bytes).first(self.size);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (is_same(peers[i], self_bytes)) return Fault::own_peer;
    if (is_impossible(peers[i])) return Fault::impossible_peer;
  }
  if (depth == Depth::thorough && has_repetition(peers)) return Fault::repeated_peer;
  return std::nullopt;
}

}  // namespace aquatic::load_test
