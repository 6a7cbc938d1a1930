// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "protocol/http/request.h"
#include "protocol/http/request_head.h"
#include "protocol/http/target.h"

namespace aquatic::load_test {
namespace {

class HttpRequestsTest : public testing::Test {
 protected:
  HttpRequestsTest() {
    config.torrents.number_of_torrents = 10;
    config.torrents.number_of_peers = 100;
  }

  // The target of the request as a tracker sees it, and what else its head says.
  http::Target sent(const HttpSentRequest& request) {
    out.clear();
    HttpRequests(config, population, 1).encode(request, out);
    const auto bytes = http::decode_request_head(out.bytes(), {}, head);
    EXPECT_EQ(bytes, out.size());
    return http::split_target(head.target);
  }

  HttpLoadTestConfig config;
  Population population{10, 100};
  ByteBuffer out;
  http::RequestHead head;
};

TEST_F(HttpRequestsTest, AnAnnounceIsThatOfItsPeer) {
  const http::Target target = sent({.peer = 42});
  EXPECT_EQ(target.path, "/announce");
  EXPECT_EQ(head.method, "GET");
  EXPECT_TRUE(head.keeps_alive);
  const auto announce = http::decode_announce(target.query);
  ASSERT_TRUE(announce);
  EXPECT_EQ(announce->info_hash, Population::info_hash(population.peers()[42].torrent));
  EXPECT_EQ(announce->port, population.peers()[42].port);
  EXPECT_EQ(as_text(announce->peer_id.bytes), "-AT0100-000000000042");
  EXPECT_EQ(announce->num_want, 30u);
  EXPECT_TRUE(announce->is_compact);
}

TEST_F(HttpRequestsTest, SeedersHaveCompleted) {
  config.torrents.peer_seeder_probability = 1;
  auto announce = http::decode_announce(sent({.peer = 1}).query);
  EXPECT_EQ(announce->left, 0u);
  EXPECT_EQ(announce->event, http::Event::completed);
  config.torrents.peer_seeder_probability = 0;
  announce = http::decode_announce(sent({.peer = 1}).query);
  EXPECT_EQ(announce->left, 50u);
  EXPECT_EQ(announce->event, http::Event::started);
}

TEST_F(HttpRequestsTest, SettingsShow) {
  config.keep_alive = false;
  config.url_suffix = "/secret";
  config.torrents.announce_peers_wanted = 0;
  const http::Target target = sent({.peer = 1});
  EXPECT_EQ(target.path, "/announce/secret");
  EXPECT_FALSE(head.keeps_alive);
  EXPECT_EQ(http::decode_announce(target.query)->num_want, std::nullopt);
}

TEST_F(HttpRequestsTest, AnAnnounceExpectsWhatTheSettingsSay) {
  const IpAddress self = *IpAddress::parse("127.0.0.9");
  HttpRequests requests(config, population, 1);
  const HttpExpectation expected = requests.expectation_of({.peer = 42}, self);
  EXPECT_FALSE(expected.is_scrape);
  EXPECT_EQ(expected.announce.self, (Endpoint{self, population.peers()[42].port}));
  EXPECT_EQ(expected.announce.peers_wanted, 30);
  EXPECT_EQ(expected.announce.max_response_peers, 50u);
}

TEST_F(HttpRequestsTest, AScrapeExpectsWhatItAskedForInOrderAndOnce) {
  const HttpSentRequest request{.scrape_seed = 7, .torrents = 100};
  const http::Target target = sent(request);
  EXPECT_EQ(target.path, "/scrape");
  std::array<InfoHash, 200> asked;
  const auto scraped = http::decode_scrape(target.query, asked);
  ASSERT_TRUE(scraped);
  EXPECT_EQ(scraped->count, 100u);
  HttpRequests requests(config, population, 2);
  const HttpExpectation expected = requests.expectation_of(request, {});
  EXPECT_TRUE(expected.is_scrape);
  EXPECT_EQ(expected.torrents.size(), 10u);  // Of ten torrents each was drawn.
  EXPECT_TRUE(std::ranges::is_sorted(expected.torrents));
  for (std::size_t i = 0; i < scraped->count; ++i) {
    EXPECT_TRUE(std::ranges::binary_search(expected.torrents, asked[i]));
  }
}

TEST_F(HttpRequestsTest, ChoosesByWeight) {
  config.torrents.weight_announce = 3;
  config.torrents.weight_scrape = 1;
  HttpRequests requests(config, population, 1);
  int scrapes = 0;
  for (int i = 0; i < 1000; ++i) {
    const HttpSentRequest request = requests.choose(5, 99);
    EXPECT_EQ(request.peer, 5u);
    EXPECT_EQ(request.due_ns, 99u);
    EXPECT_LE(request.torrents, config.torrents.scrape_max_torrents);
    scrapes += request.is_scrape();
  }
  EXPECT_GT(scrapes, 200);
  EXPECT_LT(scrapes, 300);
}

}  // namespace
}  // namespace aquatic::load_test
