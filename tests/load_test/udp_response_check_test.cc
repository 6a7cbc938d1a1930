// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_response_check.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/hex.h"

namespace aquatic::load_test {
namespace {

const UdpExpectation kAnnounce = {
    .action = udp::Action::announce,
    .announce = {
        .self = *Endpoint::parse("127.0.0.1:6881"), .peers_wanted = 3, .max_response_peers = 30}};

TEST(UdpResponseCheck, LooksAtThePeersOfAnnounces) {
  const std::vector<std::byte> self = aquatic::test::hex("7f000001 1ae1");
  EXPECT_EQ(check(kAnnounce, udp::AnnounceResponse{.leechers = 1, .peers = self}, Depth::quick),
            Fault::own_peer);
  EXPECT_EQ(check(kAnnounce, udp::AnnounceResponse{.seeders = 1, .peers = {}}, Depth::quick),
            Fault::missing_peers);
}

TEST(UdpResponseCheck, FindsWrongScrapeEntries) {
  const UdpExpectation scrape = {.action = udp::Action::scrape, .torrents = 2};
  for (const std::size_t entries : {0u, 1u, 2u, 3u}) {
    const std::vector<std::byte> torrents(entries * udp::kTorrentScrapeBytes);
    const auto fault = check(scrape, udp::ScrapeResponse{.torrents = torrents}, Depth::quick);
    EXPECT_EQ(fault, entries == 2 ? std::nullopt : std::optional(Fault::wrong_scrape_entries));
  }
}

TEST(UdpResponseCheck, FindsResponsesToAnotherKindOfRequest) {
  const udp::Response connect = udp::ConnectResponse{};
  const udp::Response announce = udp::AnnounceResponse{};
  const udp::Response scrape = udp::ScrapeResponse{};
  const UdpExpectation connecting = {.action = udp::Action::connect};
  const UdpExpectation scraping = {.action = udp::Action::scrape};
  EXPECT_EQ(check(connecting, connect, Depth::quick), std::nullopt);
  EXPECT_EQ(check(connecting, announce, Depth::quick), Fault::wrong_action);
  EXPECT_EQ(check(kAnnounce, announce, Depth::quick), std::nullopt);
  EXPECT_EQ(check(kAnnounce, scrape, Depth::quick), Fault::wrong_action);
  EXPECT_EQ(check(scraping, scrape, Depth::quick), std::nullopt);
  EXPECT_EQ(check(scraping, connect, Depth::quick), Fault::wrong_action);
}

TEST(UdpResponseCheck, ARefusalIsNoFault) {
  EXPECT_EQ(check(kAnnounce, udp::ErrorResponse{.message = "no"}, Depth::quick), std::nullopt);
}

}  // namespace
}  // namespace aquatic::load_test
