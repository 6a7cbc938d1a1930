// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_responder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/status/client_census.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using namespace std::string_literals;

constexpr std::string_view kHash = "info_hash=aaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kId = "&peer_id=-XX0001-000000000000";
const std::string kFine = std::string(kHash) + std::string(kId) + "&left=1";

InfoHash torrent(char letter) {
  InfoHash info_hash;
  info_hash.bytes.fill(static_cast<std::byte>(letter));
  return info_hash;
}

class HttpResponderTest : public testing::Test {
 protected:
  // The body of the response to the parameters given.
  std::string announce(std::string_view source, std::string_view query,
                       HttpResponder::Effect effect = HttpResponder::Effect::real) {
    ByteBuffer body;
    metric_ =
        responder().announce(query, *IpAddress::parse(source), 10, effect, access_list_, body);
    return std::string(body.text());
  }
  // The same, decoded.
  struct Announced {
    http::ReceivedAnnounce response;
    std::string peers;
    std::string peers6;
  };
  Announced join(std::string_view source, const std::string& parameters) {
    return decoded(announce(source, kFine + parameters));
  }
  Announced decoded(const std::string& body) {
    const auto response = http::decode_response(as_bytes(body));
    const auto* announced = response ? std::get_if<http::ReceivedAnnounce>(&*response) : nullptr;
    EXPECT_NE(announced, nullptr) << body;
    if (announced == nullptr) return {};
    return {*announced, std::string(as_text(announced->peers)),
            std::string(as_text(announced->peers6))};
  }

  std::string scrape(std::string_view query, Family family = Family::ipv4) {
    ByteBuffer body;
    const auto metric = responder().scrape(query, family, access_list_, body);
    EXPECT_TRUE(metric.has_value()) << query;
    metric_ = metric.value_or(HttpMetric::count);
    return std::string(body.text());
  }

  swarm::Counts counts(char letter, Family family = Family::ipv4) {
    return swarm().scrape(swarm().locate(family, torrent(letter)));
  }

  void deny(char letter) {
    const InfoHash listed = torrent(letter);
    access_list_ = access_list::AccessList(access_list::Mode::deny, std::span(&listed, 1));
  }

  swarm::Swarm& swarm() {
    if (!swarm_) {
      swarm_.emplace(swarm::Options{.hash_seed = 3, .keeps_peer_ids = options_.keeps_peer_ids});
    }
    return *swarm_;
  }
  HttpResponder& responder() {
    if (!responder_) responder_.emplace(options_, swarm(), 1, &census_.add_sampler(1200));
    return *responder_;
  }

  HttpHandlerOptions options_;
  access_list::AccessList access_list_;
  ClientCensus census_{1, 64};
  HttpMetric metric_ = HttpMetric::count;

 private:
  std::optional<swarm::Swarm> swarm_;
  std::optional<HttpResponder> responder_;
};

TEST_F(HttpResponderTest, TellsIntervalsCountsPeersAndAddress) {
  EXPECT_EQ(announce("192.0.2.1", kFine + "&port=1"),
            "d8:completei0e10:downloadedi0e11:external ip4:\xc0"
            "\x00\x02\x01"s
            "10:incompletei0e8:intervali120e12:min intervali60e5:peers0:e");
  EXPECT_EQ(metric_, HttpMetric::announce_responses);
  EXPECT_THAT(announce("192.0.2.2", kFine + "&port=257"),
              HasSubstr("5:peers6:\xc0\x00\x02\x01\x00\x01"s));
}

// Nobody counts or meets himself (U38, H35), and whoever finishes is counted once.
TEST_F(HttpResponderTest, CountsTheOthers) {
  join("192.0.2.1", "&port=1");
  EXPECT_EQ(join("192.0.2.2", "&port=1").response.incomplete, 1u);
  const auto done = decoded(announce(
      "192.0.2.1", std::string(kHash) + std::string(kId) + "&port=1&left=0&event=completed"));
  EXPECT_EQ(done.response.complete, 0u);
  EXPECT_EQ(done.response.downloaded, 1u);
  const auto other = join("192.0.2.2", "&port=1");
  EXPECT_EQ(other.response.complete, 1u);
  EXPECT_EQ(other.response.incomplete, 0u);
  EXPECT_EQ(other.response.downloaded, 1u);
  EXPECT_THAT(other.peers, SizeIs(6));
}

TEST_F(HttpResponderTest, NeverTellsToWaitLongerThanTheInterval) {
  options_.announce_interval_s = 30;
  const auto announced = join("192.0.2.1", "&port=1").response;
  EXPECT_EQ(announced.interval_s, 30u);
  EXPECT_EQ(announced.min_interval_s, 30u);
}

TEST_F(HttpResponderTest, KeepsFamiliesApart) {
  join("192.0.2.1", "&port=1");
  const std::string body = announce("2001:db8::1", kFine + "&port=2");
  EXPECT_THAT(body, HasSubstr("6:peers60:"));
  EXPECT_THAT(body, Not(HasSubstr("5:peers")));
  EXPECT_THAT(body, HasSubstr("11:external ip16:"));
  EXPECT_THAT(announce("192.0.2.2", kFine + "&port=2"), Not(HasSubstr("6:peers6")));
  EXPECT_THAT(join("2001:db8::2", "&port=1").peers6, SizeIs(18));
}

TEST_F(HttpResponderTest, GivesAsManyPeersAsWanted) {
  for (int port = 1; port <= 120; ++port) {
    join("192.0.2.1", "&numwant=0&port=" + std::to_string(port));
  }
  const std::vector<std::pair<const char*, std::size_t>> wanted_and_given = {
      {"", 50},
      {"&numwant=", 50},
      {"&numwant=0", 0},
      {"&numwant=1", 1},
      {"&numwant=49", 49},
      {"&numwant=50", 50},
      {"&numwant=51", 50},
      {"&numwant=-1", 50},
      {"&numwant=99999999999", 50}};
  for (const auto& [wanted, given] : wanted_and_given) {
    const std::string peers = join("192.0.2.2", "&port=1" + std::string(wanted)).peers;
    EXPECT_THAT(peers, SizeIs(6 * given)) << wanted;
    std::set<std::string> distinct;
    for (std::size_t i = 0; i < peers.size(); i += 6) distinct.insert(peers.substr(i, 6));
    EXPECT_THAT(distinct, SizeIs(given)) << wanted;
  }
}

TEST_F(HttpResponderTest, ForgetsWhoStopsAndGivesHimNothing) {
  join("192.0.2.2", "&port=1");
  join("192.0.2.1", "&port=1");
  EXPECT_THAT(announce("192.0.2.1", kFine + "&port=1&event=stopped"), HasSubstr("5:peers0:"))
      << "the key is there all the same (X38)";
  EXPECT_EQ(counts('a').leechers, 1u);
  announce("192.0.2.1",
           std::string(kId) + "&left=1&port=1&event=stopped&info_hash=" + std::string(20, 'b'));
  EXPECT_EQ(swarm().totals(Family::ipv4).torrents, 1u) << "a stop creates nothing";
}

// BEP 21: a partial seed is no seeder, whatever he calls himself.
TEST_F(HttpResponderTest, CountsAPausedPeerByWhatHeHasLeft) {
  join("192.0.2.1", "&port=1&event=paused");
  EXPECT_EQ(counts('a').leechers, 1u);
  EXPECT_EQ(counts('a').downloads, 0u);
}

TEST_F(HttpResponderTest, ListsPeersOnRequest) {
  join("192.0.2.1", "&port=258");
  EXPECT_THAT(announce("192.0.2.2", kFine + "&port=1&compact=0"),
              HasSubstr("5:peersld2:ip9:192.0.2.14:porti258eee"));
  join("2001:db8::1", "&port=7");
  EXPECT_THAT(announce("2001:db8::2", kFine + "&port=1&compact=0"),
              HasSubstr("5:peersld2:ip11:2001:db8::14:porti7eee"));
}

TEST_F(HttpResponderTest, ListsPeerIdsWhereTheyAreKeptAndWanted) {
  options_.keeps_peer_ids = true;
  join("192.0.2.1", "&port=1");
  constexpr auto kWithId = "5:peersld2:ip9:192.0.2.17:peer id20:-XX0001-0000000000004:porti1eee";
  EXPECT_THAT(announce("192.0.2.2", kFine + "&port=1&compact=0"), HasSubstr(kWithId));
  EXPECT_THAT(announce("192.0.2.2", kFine + "&port=1&compact=0&no_peer_id=1"),
              HasSubstr("5:peersld2:ip9:192.0.2.14:porti1eee"));
  EXPECT_THAT(announce("192.0.2.2", kFine + "&port=1&compact=1"), Not(HasSubstr("peer id")));
}

// BEP 7: whoever mentions an address of the other family gets its peers too. Nobody is put down
// under an address that he has only claimed.
TEST_F(HttpResponderTest, GivesBothFamiliesToWhoHasBothButBelievesNothing) {
  join("2001:db8::1", "&port=1");
  join("192.0.2.1", "&port=1");
  const auto v4 = join("192.0.2.2", "&port=1&ipv6=2001:db8::2&ip=198.51.100.1&ipv4=198.51.100.2");
  EXPECT_THAT(v4.peers, SizeIs(6));
  EXPECT_THAT(v4.peers6, SizeIs(18));
  EXPECT_EQ(v4.response.incomplete, 1u) << "of his own family";
  EXPECT_EQ(counts('a', Family::ipv6).leechers, 1u);
  const auto v6 = join("2001:db8::3", "&port=1&ipv4=192.0.2.9:80");
  EXPECT_THAT(v6.peers, SizeIs(12));
  EXPECT_THAT(v6.peers6, SizeIs(18));
  EXPECT_EQ(counts('a').leechers, 2u);
}

// That must not work as a way to remove others either.
TEST_F(HttpResponderTest, ForgetsNobodyOnAnotherPeersWord) {
  join("2001:db8::1", "&port=1");
  join("192.0.2.2", "&port=1&ipv6=2001:db8::1");
  join("192.0.2.2", "&port=1&ipv6=2001:db8::1&event=stopped");
  EXPECT_EQ(counts('a', Family::ipv6).leechers, 1u);
}

TEST_F(HttpResponderTest, BelievesAddressesWhereItMay) {
  options_.allows_ip_parameters = true;
  join("192.0.2.2", "&port=1&ipv6=[2001:db8::2]:9");
  EXPECT_EQ(counts('a').leechers, 1u);
  EXPECT_EQ(counts('a', Family::ipv6).leechers, 1u);
  EXPECT_EQ(join("2001:db8::9", "&port=1").peers6,
            "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\0\x01"s);
  join("192.0.2.2", "&port=1&ipv6=[2001:db8::2]:9&event=stopped");
  EXPECT_EQ(counts('a').leechers, 0u);
  EXPECT_EQ(counts('a', Family::ipv6).leechers, 1u) << "2001:db8::9 is left";
}

TEST_F(HttpResponderTest, BelievesTheMostPreciseParameter) {
  options_.allows_ip_parameters = true;
  join("192.0.2.1", "&port=1&ip=198.51.100.1");
  EXPECT_EQ(join("192.0.2.9", "&port=9&event=stopped").peers, "");
  EXPECT_EQ(join("192.0.2.9", "&port=9").peers, "\xc6\x33\x64\x01\x00\x01"s);
  announce("192.0.2.9", kFine + "&port=9&event=stopped");
  announce("192.0.2.1", kFine + "&port=1&ip=198.51.100.1&event=stopped");
  join("192.0.2.1", "&port=1&ip=198.51.100.1&ipv4=198.51.100.2");
  EXPECT_EQ(join("192.0.2.9", "&port=9").peers, "\xc6\x33\x64\x02\x00\x01"s);
  const std::string body = announce("192.0.2.1", kFine + "&port=1&ip=2001:db8::1");
  EXPECT_THAT(body, HasSubstr("6:peers6")) << "of that family alone";
  EXPECT_THAT(body, Not(HasSubstr("5:peers")));
  EXPECT_THAT(body, HasSubstr("external ip4:\xc0\x00\x02\x01"s)) << "where he was seen";
}

TEST_F(HttpResponderTest, IgnoresAddressesThatNobodyHas) {
  options_.allows_ip_parameters = true;
  const auto announced = join("192.0.2.1", "&port=1&ip=0.0.0.0&ipv6=::&ipv4=localhost");
  EXPECT_EQ(join("192.0.2.2", "&port=1").peers, "\xc0\x00\x02\x01\x00\x01"s);
  EXPECT_EQ(swarm().totals(Family::ipv6).torrents, 0u);
}

// X39, and the exact words.
TEST_F(HttpResponderTest, SaysWhatIsWrongWithARequest) {
  const std::string hash(kHash);
  const std::string id(kId);
  const std::vector<std::pair<std::string, std::string>> queries = {
      {"", "info_hash is missing"},
      {"info_hash", "info_hash must be 20 bytes, percent-encoded"},
      {"info_hash=abc" + id + "&port=1&left=1", "info_hash must be 20 bytes, percent-encoded"},
      {hash + "a" + id + "&port=1&left=1", "info_hash must be 20 bytes, percent-encoded"},
      {"info_hash=aaaaaaaaaaaaaaaaaaa%" + id, "info_hash must be 20 bytes, percent-encoded"},
      {hash + "&port=1&left=1", "peer_id is missing"},
      {hash + "&peer_id=abc&port=1&left=1", "peer_id must be 20 bytes, percent-encoded"},
      {hash + id + "&left=1", "port is missing"},
      {hash + id + "&left=1&port=0", "port must be a number from 1 to 65535"},
      {hash + id + "&left=1&port=65536", "port must be a number from 1 to 65535"},
      {hash + id + "&left=1&port=http", "port must be a number from 1 to 65535"},
      {hash + id + "&port=1", "left is missing"},
      {hash + id + "&port=1&left=x", "left must be a number of bytes"},
      {kFine + "&port=1&event=begun", "event must be started, stopped, completed, paused or empty"},
      {kFine + "&port=1&numwant=many", "numwant must be a number"},
      {kFine + "&port=1&compact=2", "compact must be 0 or 1"}};
  for (const auto& [query, reason] : queries) {
    EXPECT_EQ(announce("192.0.2.1", query), "d14:failure reason" + std::to_string(reason.size()) +
                                                ":" + reason + "8:retry in5:nevere")
        << query;
    EXPECT_EQ(metric_, HttpMetric::failure_responses);
  }
  EXPECT_EQ(swarm().totals(Family::ipv4).torrents, 0u);
}

TEST_F(HttpResponderTest, RefusesTorrentsThatAreNotAllowed) {
  join("192.0.2.1", "&port=1");
  deny('a');
  EXPECT_EQ(announce("192.0.2.2", kFine + "&port=1"),
            "d14:failure reason21:Info hash not allowed8:retry in5:nevere");
  EXPECT_EQ(metric_, HttpMetric::failure_responses);
  EXPECT_EQ(counts('a').leechers, 1u);
  EXPECT_THAT(scrape(kHash), HasSubstr("10:incompletei0e")) << "and hides them";
}

TEST_F(HttpResponderTest, RehearsalsChangeNothing) {
  using enum HttpResponder::Effect;
  join("192.0.2.1", "&port=1");
  const auto rehearsed = decoded(announce("192.0.2.2", kFine + "&port=1", rehearsal));
  EXPECT_THAT(rehearsed.peers, SizeIs(6));
  EXPECT_EQ(counts('a').leechers, 1u);
  announce("192.0.2.1", kFine + "&port=1&event=stopped", rehearsal);
  EXPECT_EQ(counts('a').leechers, 1u);
  announce("192.0.2.1", std::string(kHash) + std::string(kId) + "&port=1&left=0&event=completed",
           rehearsal);
  EXPECT_EQ(counts('a').downloads, 0u);
  announce("192.0.2.1", std::string(kId) + "&left=1&port=1&info_hash=" + std::string(20, 'b'),
           rehearsal);
  EXPECT_EQ(swarm().totals(Family::ipv4).torrents, 1u);
}

TEST_F(HttpResponderTest, LetsTheCensusKnowWhoAnnounces) {
  const auto ask = [this](std::string_view id, std::string_view more,
                          HttpResponder::Effect effect = HttpResponder::Effect::real) {
    announce("192.0.2.1", fmt::format("{}&peer_id={}&port=1&left=1{}", kHash, id, more), effect);
    census_.tick(10);
    return census_.size();
  };
  EXPECT_EQ(ask("-TR4060-000000000000", "&event=stopped"), 0u);
  EXPECT_EQ(ask("-TR4060-000000000000", "", HttpResponder::Effect::rehearsal), 0u);
  EXPECT_EQ(ask("-TR4060-000000000000", ""), 1u);
  EXPECT_EQ(ask("-TR4060-000000000001", ""), 2u);
  deny('a');
  EXPECT_EQ(ask("-TR4060-000000000002", ""), 2u);
}

TEST_F(HttpResponderTest, ScrapesInOrderAndEachTorrentOnce) {
  join("192.0.2.1", "&port=1");
  const std::string hash_b = "info_hash=" + std::string(20, 'b');
  const std::string a = std::string(20, 'a') + "d8:completei0e10:downloadedi0e10:incompletei1ee";
  const std::string b = std::string(20, 'b') + "d8:completei0e10:downloadedi0e10:incompletei0ee";
  EXPECT_EQ(scrape(hash_b + "&" + std::string(kHash) + "&" + hash_b),
            "d5:filesd20:" + a + "20:" + b + "ee");
  EXPECT_EQ(metric_, HttpMetric::scrape_responses);
  EXPECT_THAT(scrape(kHash, Family::ipv6), HasSubstr("10:incompletei0e"));
}

TEST_F(HttpResponderTest, LeavesOutWhatAScrapeHasTooMany) {
  options_.max_scrape_torrents = 100;
  std::string query;
  for (int i = 200; i > 0; --i) {
    query += "&info_hash=" + std::string(17, 'x') + std::to_string(1000 + i).substr(1);
  }
  const std::string body = scrape(query);
  const auto response = http::decode_response(as_bytes(body));
  ASSERT_TRUE(response);
  ASSERT_TRUE(std::holds_alternative<http::ReceivedScrape>(*response));
  EXPECT_EQ(std::get<http::ReceivedScrape>(*response).size(), 100u);
  EXPECT_THAT(body, HasSubstr("xx200d")) << "the first ones count";
  EXPECT_THAT(body, Not(HasSubstr("xx100d")));
}

TEST_F(HttpResponderTest, SaysWhatIsWrongWithAScrape) {
  EXPECT_EQ(scrape("info_hash=abc"),
            "d14:failure reason43:info_hash must be 20 bytes, percent-encoded8:retry in5:nevere");
  EXPECT_EQ(metric_, HttpMetric::failure_responses);
}

TEST_F(HttpResponderTest, LeavesAScrapeOfNothingToOthers) {
  ByteBuffer body;
  EXPECT_FALSE(responder().scrape("", Family::ipv4, access_list_, body));
  EXPECT_FALSE(responder().scrape("passkey=1", Family::ipv4, access_list_, body));
  EXPECT_TRUE(body.is_empty());
}

}  // namespace
}  // namespace aquatic::server
