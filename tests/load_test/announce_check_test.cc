// SPDX-License-Identifier: Apache-2.0
#include "load_test/announce_check.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/hex.h"

namespace aquatic::load_test {
namespace {

using aquatic::test::hex;

const AnnounceExpectation kAnnounce = {
    .self = *Endpoint::parse("127.0.0.1:6881"), .peers_wanted = 3, .max_response_peers = 30};

// 10.0.0.1:1, 10.0.0.2:2, …
std::vector<std::byte> peers(std::size_t count) {
  std::vector<std::byte> all;
  for (std::size_t i = 1; i <= count; ++i) {
    const auto last = static_cast<std::byte>(i);
    all.insert(all.end(), {std::byte{10}, std::byte{0}, std::byte{0}, last, std::byte{0}, last});
  }
  return all;
}

std::optional<Fault> check_announce(const AnnounceExpectation& expected, std::uint32_t seeders,
                                    std::uint32_t leechers, const std::vector<std::byte>& all,
                                    Depth depth = Depth::thorough) {
  return check(expected, {.seeders = seeders, .leechers = leechers, .peers = all}, depth);
}

TEST(AnnounceCheck, AcceptsRightAnnounces) {
  EXPECT_EQ(check_announce(kAnnounce, 0, 0, {}), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 1, 1, peers(2)), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 0, 3, peers(3)), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 500, 500, peers(3)), std::nullopt);
}

TEST(AnnounceCheck, FindsTooManyPeers) {
  EXPECT_EQ(check_announce(kAnnounce, 500, 500, peers(4)), Fault::too_many_peers);
  AnnounceExpectation capped = kAnnounce;
  capped.max_response_peers = 2;
  EXPECT_EQ(check_announce(capped, 500, 500, peers(3)), Fault::too_many_peers);
  EXPECT_EQ(check_announce(capped, 500, 500, peers(2)), std::nullopt);
}

TEST(AnnounceCheck, FindsMissingPeers) {
  EXPECT_EQ(check_announce(kAnnounce, 500, 500, peers(2)), Fault::missing_peers);
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, {}), Fault::missing_peers);
}

TEST(AnnounceCheck, WithoutAKnownCapFewerPeersAreRight) {
  AnnounceExpectation unknown = kAnnounce;
  unknown.max_response_peers = 0;
  EXPECT_EQ(check_announce(unknown, 500, 500, peers(2)), std::nullopt);
  EXPECT_EQ(check_announce(unknown, 500, 500, peers(4)), Fault::too_many_peers);
}

TEST(AnnounceCheck, WantingNothingLeavesItToTheTracker) {
  for (const std::int32_t wanted : {0, -1}) {
    AnnounceExpectation any = kAnnounce;
    any.peers_wanted = wanted;
    EXPECT_EQ(check_announce(any, 500, 500, peers(30)), std::nullopt);
    EXPECT_EQ(check_announce(any, 500, 500, peers(31)), Fault::too_many_peers);
    EXPECT_EQ(check_announce(any, 500, 500, peers(29)), Fault::missing_peers);
    any.max_response_peers = 0;
    EXPECT_EQ(check_announce(any, 500, 500, peers(100)), std::nullopt);
  }
}

TEST(AnnounceCheck, FindsUncountedPeers) {
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, peers(2)), Fault::uncounted_peers);
}

TEST(AnnounceCheck, CountsDoNotOverflow) {
  EXPECT_EQ(check_announce(kAnnounce, 0xffffffff, 1, peers(3)), std::nullopt);
}

TEST(AnnounceCheck, FindsTheAnnouncingPeer) {
  for (const Depth depth : {Depth::quick, Depth::thorough}) {
    EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("7f000001 1ae1"), depth), Fault::own_peer);
  }
  // Same address, other port; other address, same port: other peers.
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("7f000001 1ae2")), std::nullopt);
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("7f000002 1ae1")), std::nullopt);
}

TEST(AnnounceCheck, FindsTheAnnouncingPeerOverIpv6) {
  AnnounceExpectation v6 = kAnnounce;
  v6.self = *Endpoint::parse("[::1]:6881");
  const auto self = hex("00000000000000000000000000000001 1ae1");
  const auto other = hex("00000000000000000000000000000002 1ae1");
  EXPECT_EQ(check_announce(v6, 1, 0, self), Fault::own_peer);
  EXPECT_EQ(check_announce(v6, 1, 0, other), std::nullopt);
}

TEST(AnnounceCheck, FindsImpossiblePeers) {
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("0a000001 0000")), Fault::impossible_peer);
  EXPECT_EQ(check_announce(kAnnounce, 1, 0, hex("00000000 1ae1")), Fault::impossible_peer);
}

TEST(AnnounceCheck, ThoroughlyFindsRepeatedPeers) {
  auto all = peers(2);
  const auto first = peers(1);
  all.insert(all.end(), first.begin(), first.end());
  EXPECT_EQ(check_announce(kAnnounce, 3, 0, all, Depth::thorough), Fault::repeated_peer);
  EXPECT_EQ(check_announce(kAnnounce, 3, 0, all, Depth::quick), std::nullopt);
}

}  // namespace
}  // namespace aquatic::load_test
