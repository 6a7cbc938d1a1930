// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_response_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "load_test/population.h"

namespace aquatic::load_test {
namespace {

const InfoHash kHash = Population::info_hash(1);
const InfoHash kOther = Population::info_hash(2);

WsExpectation leecher() { return {.info_hash = kHash, .is_seeder = false, .max_peers = 10}; }

ws::AnnounceResponse right_announce() {
  return {.info_hash = kHash, .complete = 3, .incomplete = 7, .interval_s = 120};
}

TEST(WsResponseCheck, AcceptsARightAnnounce) {
  EXPECT_EQ(check(leecher(), right_announce()), std::nullopt);
}

TEST(WsResponseCheck, FindsWhatIsWrongWithAnAnnounce) {
  auto response = right_announce();
  response.info_hash = kOther;
  EXPECT_EQ(check(leecher(), response), Fault::wrong_torrent);
  response = right_announce();
  response.interval_s = 0;
  EXPECT_EQ(check(leecher(), response), Fault::missing_keys);
  response = right_announce();
  response.incomplete = 0;
  EXPECT_EQ(check(leecher(), response), Fault::impossible_counts);
  response.incomplete = 8;
  EXPECT_EQ(check(leecher(), response), Fault::impossible_counts);
  response = right_announce();
  response.complete = 0;
  WsExpectation seeder = leecher();
  seeder.is_seeder = true;
  EXPECT_EQ(check(seeder, response), Fault::impossible_counts);
  EXPECT_EQ(check({.is_scrape = true}, right_announce()), Fault::wrong_action);
}

TEST(WsResponseCheck, AScrapeHasOnlyWhatWasAskedFor) {
  const std::array asked = {std::min(kHash, kOther), std::max(kHash, kOther)};
  const WsExpectation expected{.is_scrape = true, .max_peers = 10, .torrents = asked};
  std::array<ws::ScrapedTorrent, 3> torrents = {
      ws::ScrapedTorrent{.info_hash = kOther, .complete = 10},
      ws::ScrapedTorrent{.info_hash = kHash}, ws::ScrapedTorrent{.info_hash = kHash}};
  const auto first = [&](std::size_t count) {
    return ws::ScrapeResponse{std::span<const ws::ScrapedTorrent>(torrents).first(count)};
  };
  EXPECT_EQ(check(expected, first(0)), std::nullopt);
  EXPECT_EQ(check(expected, first(2)), std::nullopt);
  EXPECT_EQ(check(expected, first(3)), Fault::wrong_scrape_entries);
  torrents[0].complete = 11;
  EXPECT_EQ(check(expected, first(1)), Fault::impossible_counts);
  torrents[0] = {.info_hash = Population::info_hash(3)};
  EXPECT_EQ(check(expected, first(1)), Fault::wrong_scrape_entries);
  EXPECT_EQ(check(leecher(), first(1)), Fault::wrong_action);
}

}  // namespace
}  // namespace aquatic::load_test
