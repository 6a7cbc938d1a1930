// SPDX-License-Identifier: Apache-2.0
#include "load_test/response_check.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/support/hex.h"

namespace aquatic::load_test {
namespace {

using aquatic::test::hex;

const Expectation kAnnounce = {.action = udp::Action::announce,
                               .self = *Endpoint::parse("127.0.0.1:6881"),
                               .peers_wanted = 3,
                               .max_response_peers = 30};

// 10.0.0.1:1, 10.0.0.2:2, …
std::vector<std::byte> peers(std::size_t count) {
  std::vector<std::byte> all;
  for (std::size_t i = 1; i <= count; ++i) {
    const auto last = static_cast<std::byte>(i);
    all.insert(all.end(), {std::byte{10}, std::byte{0}, std::byte{0}, last, std::byte{0}, last});
  }
  return all;
}

std::optional<Fault> check_announce(const Expectation& expected, std::uint32_t seeders,
                                    std::uint32_t leechers, const std::vector<std::byte>& all,
                                    Depth depth = Depth::thorough) {
  return check(expected,
               udp::AnnounceResponse{.leechers = leechers, .seeders = seeders, .peers = all},
               depth);
}

TEST(ResponseCheck, AcceptsRightAnnounces) {
  EXPECT_EQ(check_announce(kAnnounce, 0, 0, {}), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 1, 1, peers(2)), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 0, 3, peers(3)), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 500, 500, peers(3)), std::nullopt);
}

TEST(ResponseCheck, FindsTooManyPeers) {
  EXPECT_EQ(check_announce(kAnnounce, 500, 500, peers(4)), Fault::too_many_peers);
  Expectation capped = kAnnounce;
  capped.max_response_peers = 2;
  EXPECT_EQ(check_announce(capped, 500, 500, peers(3)), Fault::too_many_peers);
  EXPECT_EQ(check_announce(capped, 500, 500, peers(2)), std::nullopt);
}

TEST(ResponseCheck, FindsMissingPeers) {
  EXPECT_EQ(check_announce(kAnnounce, 500, 500, peers(2)), Fault::missing_peers);
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, {}), Fault::missing_peers);
}

TEST(ResponseCheck, WithoutAKnownCapFewerPeersAreRight) {
  Expectation unknown = kAnnounce;
  unknown.max_response_peers = 0;
  EXPECT_EQ(check_announce(unknown, 500, 500, peers(2)), std::nullopt);
  EXPECT_EQ(check_announce(unknown, 500, 500, peers(4)), Fault::too_many_peers);
}

TEST(ResponseCheck, WantingNothingLeavesItToTheTracker) {
  for (const std::int32_t wanted : {0, -1}) {
    Expectation any = kAnnounce;
    any.peers_wanted = wanted;
    EXPECT_EQ(check_announce(any, 500, 500, peers(30)), std::nullopt);
    EXPECT_EQ(check_announce(any, 500, 500, peers(31)), Fault::too_many_peers);
    EXPECT_EQ(check_announce(any, 500, 500, peers(29)), Fault::missing_peers);
    any.max_response_peers = 0;
    EXPECT_EQ(check_announce(any, 500, 500, peers(100)), std::nullopt);
  }
}

TEST(ResponseCheck, FindsUncountedPeers) {
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, peers(2)), Fault::uncounted_peers);
}

TEST(ResponseCheck, CountsDoNotOverflow) {
  EXPECT_EQ(check_announce(kAnnounce, 0xffffffff, 1, peers(3)), std::nullopt);
}

TEST(ResponseCheck, FindsTheAnnouncingPeer) {
  for (const Depth depth : {Depth::quick, Depth::thorough}) {
    EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("7f000001 1ae1"), depth), Fault::own_peer);
  }
  // Same address, other port; other address, same port: other peers.
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("7f000001 1ae2")), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("7f000002 1ae1")), std::nullopt);
}

TEST(ResponseCheck, FindsTheAnnouncingPeerOverIpv6) {
  Expectation v6 = kAnnounce;
  v6.self = *Endpoint::parse("[::1]:6881");
  const auto self = hex("00000000000000000000000000000001 1ae1");
  const auto other = hex("00000000000000000000000000000002 1ae1");
  EXPECT_EQ(check_announce(v6, 1, 0, self), Fault::own_peer);
  EXPECT_EQ(check_announce(v6, 1, 0, other), std::nullopt);
}

TEST(ResponseCheck, FindsImpossiblePeers) {
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("0a000001 0000")), Fault::impossible_peer);
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("00000000 1ae1")), Fault::impossible_peer);
}

TEST(ResponseCheck, ThoroughlyFindsRepeatedPeers) {
  auto all = peers(2);
  const auto first = peers(1);
  all.insert(all.end(), first.begin(), first.end());
  EXPECT_EQ(check_announce(kAnnounce, 3, 0, all, Depth::thorough), Fault::repeated_peer);
  EXPECT_EQ(check_announce(kAnnounce, 3, 0, all, Depth::quick), std::nullopt);
}

TEST(ResponseCheck, FindsWrongScrapeEntries) {
  const Expectation scrape = {.action = udp::Action::scrape, .self = {}, .torrents = 2};
  for (const std::size_t entries : {0u, 1u, 2u, 3u}) {
    const std::vector<std::byte> torrents(entries * udp::kTorrentScrapeBytes);
    const auto fault = check(scrape, udp::ScrapeResponse{.torrents = torrents}, Depth::quick);
    EXPECT_EQ(fault, entries == 2 ? std::nullopt : std::optional(Fault::wrong_scrape_entries));
  }
}

TEST(ResponseCheck, FindsResponsesToAnotherKindOfRequest) {
  const udp::Response connect = udp::ConnectResponse{};
  const udp::Response announce = udp::AnnounceResponse{};
  const udp::Response scrape = udp::ScrapeResponse{};
  const Expectation connecting = {.action = udp::Action::connect, .self = {}};
  const Expectation scraping = {.action = udp::Action::scrape, .self = {}, .torrents = 0};
  EXPECT_EQ(check(connecting, connect, Depth::quick), std::nullopt);
  EXPECT_EQ(check(connecting, announce, Depth::quick), Fault::wrong_action);
  EXPECT_EQ(check(kAnnounce, announce, Depth::quick), std::nullopt);
  EXPECT_EQ(check(kAnnounce, scrape, Depth::quick), Fault::wrong_action);
  EXPECT_EQ(check(scraping, scrape, Depth::quick), std::nullopt);
  EXPECT_EQ(check(scraping, connect, Depth::quick), Fault::wrong_action);
}

TEST(ResponseCheck, ARefusalIsNoFault) {
  EXPECT_EQ(check(kAnnounce, udp::ErrorResponse{.message = "no"}, Depth::quick), std::nullopt);
}

TEST(Fault, EveryKindHasItsName) {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(Fault::count); ++i) {
    names.insert(name_of(static_cast<Fault>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Fault::count));
}

}  // namespace
}  // namespace aquatic::load_test
