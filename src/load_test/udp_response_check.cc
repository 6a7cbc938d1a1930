// SPDX-License-Identifier: Apache-2.0
#include "load_test/response_check.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace aquatic::load_test {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Fault::count)> kNames = {
    "malformed",     "unknown_transaction", "wrong_socket",        "wrong_action",
    "own_peer",      "too_many_peers",      "missing_peers",       "uncounted_peers",
    "repeated_peer", "impossible_peer",     "wrong_scrape_entries"};
static_assert(!kNames.back().empty());

// The peers of an announce response, each `bytes` long.
class WirePeers {
 public:
  WirePeers(Bytes all, Family family) noexcept : all_(all), bytes_(udp::peer_bytes(family)) {}

  std::size_t size() const noexcept { return all_.size() / bytes_; }
  Bytes operator[](std::size_t i) const noexcept { return all_.subspan(i * bytes_, bytes_); }

 private:
  Bytes all_;
  std::size_t bytes_;
};

// A peer as a response has it.
struct WirePeer {
  std::array<std::byte, udp::peer_bytes(Family::ipv6)> bytes;
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

std::optional<Fault> check_peer_count(const Expectation& expected,
                                      const udp::AnnounceResponse& response,
                                      std::size_t peer_count) noexcept {
  const std::uint64_t cap =
      expected.max_response_peers > 0 ? expected.max_response_peers : kUnlimited;
  const std::uint64_t wanted =
      expected.peers_wanted > 0 ? static_cast<std::uint64_t>(expected.peers_wanted) : kUnlimited;
  const std::uint64_t most = std::min(cap, wanted);
  const std::uint64_t there = std::uint64_t{response.seeders} + response.leechers;
  if (peer_count > most) return Fault::too_many_peers;
  if (peer_count > there) return Fault::uncounted_peers;
  const bool is_cap_known = cap != kUnlimited;
  if (is_cap_known && peer_count < std::min(most, there)) return Fault::missing_peers;
  return std::nullopt;
}

std::optional<Fault> check_announce(const Expectation& expected,
                                    const udp::AnnounceResponse& response, Depth depth) noexcept {
  const WirePeers peers(response.peers, expected.self.ip.family());
  if (const auto fault = check_peer_count(expected, response, peers.size())) return fault;
  const WirePeer self(expected.self);
  const Bytes self_bytes = Bytes(self.bytes).first(self.size);
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (is_same(peers[i], self_bytes)) return Fault::own_peer;
    if (is_impossible(peers[i])) return Fault::impossible_peer;
  }
  if (depth == Depth::thorough && has_repetition(peers)) return Fault::repeated_peer;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Fault fault) noexcept { return kNames[static_cast<std::size_t>(fault)]; }

std::optional<Fault> check(const Expectation& expected, const udp::Response& response,
                           Depth depth) noexcept {
  if (std::holds_alternative<udp::ErrorResponse>(response)) return std::nullopt;
  // The alternatives of a response stand in the order of the actions.
  static_assert(std::is_same_v<std::variant_alternative_t<2, udp::Response>, udp::ScrapeResponse>);
  if (response.index() != static_cast<std::size_t>(expected.action)) return Fault::wrong_action;
  if (const auto* announce = std::get_if<udp::AnnounceResponse>(&response)) {
    return check_announce(expected, *announce, depth);
  }
  if (const auto* scrape = std::get_if<udp::ScrapeResponse>(&response)) {
    if (scrape->size() != expected.torrents) return Fault::wrong_scrape_entries;
  }
  return std::nullopt;
}

}  // namespace aquatic::load_test
