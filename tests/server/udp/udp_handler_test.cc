// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/udp/response.h"
#include "server/status/client_census.h"

namespace aquatic::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr std::uint64_t kUnixStart = 1'700'000'000;
constexpr Seconds kMaxConnectionAge = 120;

InfoHash torrent(unsigned char number) {
  InfoHash info_hash;
  info_hash.bytes.fill(std::byte{number});
  return info_hash;
}

std::vector<std::byte> encoded(const auto& request) {
  std::vector<std::byte> datagram(net::kMaxRequestBytes);
  datagram.resize(udp::encode(request, datagram));
  return datagram;
}

class UdpHandlerTest : public testing::Test {
 protected:
  // Hands over all datagrams in one batch and keeps the responses.
  void handle(const std::vector<std::pair<Endpoint, std::vector<std::byte>>>& datagrams) {
    std::vector<net::Datagram> batch;
    rooms_.resize(datagrams.size());
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
      batch.push_back({datagrams[i].first, datagrams[i].second, rooms_[i], 999});
    }
    handler().handle(batch, now_);
    responses_.clear();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      responses_.emplace_back(rooms_[i].begin(),
                              rooms_[i].begin() + std::ptrdiff_t(batch[i].response_bytes));
    }
  }

  // The one response to one datagram, in bytes.
  Bytes ask(const Endpoint& from, const std::vector<std::byte>& datagram) {
    handle({{from, datagram}});
    return responses_[0];
  }

  template <class Response>
  Response ask_for(const Endpoint& from, const std::vector<std::byte>& datagram) {
    const auto decoded = udp::decode_response(ask(from, datagram), from.ip.family());
    const auto* response = decoded ? std::get_if<Response>(&*decoded) : nullptr;
    EXPECT_NE(response, nullptr) << "response of another kind, or none";
    return response != nullptr ? *response : Response{};
  }

  udp::ConnectionId connect(const Endpoint& from) {
    return ask_for<udp::ConnectResponse>(from, encoded(udp::ConnectRequest{1})).connection_id;
  }

  udp::AnnounceRequest announce_of(const Endpoint& from) {
    udp::AnnounceRequest request;
    request.connection_id = connect(from);
    request.transaction_id = 77;
    request.info_hash = torrent(1);
    request.left = 1;
    request.port = from.port;
    return request;
  }

  udp::AnnounceResponse announce(const Endpoint& from, const udp::AnnounceRequest& request) {
    return ask_for<udp::AnnounceResponse>(from, encoded(request));
  }

  udp::TorrentScrape scrape(const Endpoint& from, const InfoHash& info_hash) {
    const udp::ScrapeRequest request = {connect(from), 5, info_hash.bytes};
    const auto response = ask_for<udp::ScrapeResponse>(from, encoded(request));
    EXPECT_EQ(response.size(), 1);
    return response[0];
  }

  void use_access_list(access_list::Mode mode, const InfoHash& listed) {
    access_list_.replace(access_list::AccessList(mode, std::span(&listed, 1)));
  }

  UdpHandler& handler() {
    if (!handler_) {
      handler_.emplace(options_, swarm_, access_list_,
                       ConnectionIds({}, kMaxConnectionAge, kUnixStart), 1, metrics_,
                       &census_.add_sampler(1200));
    }
    return *handler_;
  }

  Endpoint v4_ = {*IpAddress::parse("192.0.2.1"), 6881};
  Endpoint other_v4_ = {*IpAddress::parse("192.0.2.2"), 6882};
  Endpoint v6_ = {*IpAddress::parse("2001:db8::1"), 6881};
  UdpHandlerOptions options_;
  swarm::Swarm swarm_{swarm::Options{.hash_seed = 3}};
  access_list::Holder access_list_;
  UdpMetrics metrics_;
  ClientCensus census_{1, 64};
  Seconds now_ = 10;
  std::optional<UdpHandler> handler_;
  std::vector<std::array<std::byte, net::kMaxResponseBytes>> rooms_;
  std::vector<std::vector<std::byte>> responses_;
};

TEST_F(UdpHandlerTest, LetsTheCensusKnowWhoAnnounces) {
  auto request = announce_of(v4_);
  const auto ask = [&] {
    ask_for<udp::AnnounceResponse>(v4_, encoded(request));
    census_.tick(now_);
    return census_.size();
  };
  request.peer_id.bytes.fill(std::byte{'1'});
  request.event = udp::Event::stopped;
  EXPECT_EQ(ask(), 0u);
  request.event = udp::Event::none;
  EXPECT_EQ(ask(), 1u);
  EXPECT_EQ(ask(), 1u);
  request.peer_id.bytes.fill(std::byte{'2'});
  request.event = udp::Event::completed;
  EXPECT_EQ(ask(), 2u);
  request.peer_id.bytes.fill(std::byte{'3'});
  use_access_list(access_list::Mode::deny, request.info_hash);
  ask_for<udp::ErrorResponse>(v4_, encoded(request));
  census_.tick(now_);
  EXPECT_EQ(census_.size(), 2u);
}

TEST_F(UdpHandlerTest, AnswersAConnectWithAnIdThatItThenAccepts) {
  const auto response = ask_for<udp::ConnectResponse>(v4_, encoded(udp::ConnectRequest{99}));
  EXPECT_EQ(response.transaction_id, 99);
  auto request = announce_of(v4_);
  request.connection_id = response.connection_id;
  EXPECT_EQ(announce(v4_, request).transaction_id, 77);
}

TEST_F(UdpHandlerTest, AcceptsAnIdFromAnotherPortOfTheSameAddress) {
  const Endpoint other_port = {v4_.ip, 1};
  EXPECT_THAT(ask(other_port, encoded(announce_of(v4_))), Not(IsEmpty()));
}

TEST_F(UdpHandlerTest, KeepsSilentAboutAWrongOrForeignOrExpiredId) {
  auto request = announce_of(v4_);
  EXPECT_THAT(ask(other_v4_, encoded(request)), IsEmpty());
  now_ += 2 * kMaxConnectionAge;
  EXPECT_THAT(ask(v4_, encoded(request)), IsEmpty());
  request.connection_id = ~connect(v4_);
  EXPECT_THAT(ask(v4_, encoded(request)), IsEmpty());
  EXPECT_EQ(metrics_.of(Family::ipv4).get(UdpMetric::bad_connection_ids), 3);
}

// U38, X16: the counts are those of the others, before and after the peer became a seeder.
TEST_F(UdpHandlerTest, CountsEverybodyButTheAnnouncingPeer) {
  auto leecher = announce_of(v4_);
  auto seeder = announce_of(other_v4_);
  seeder.left = 0;
  EXPECT_EQ(announce(v4_, leecher).leechers, 0);
  EXPECT_EQ(announce(other_v4_, seeder).leechers, 1);
  const auto again = announce(v4_, leecher);
  EXPECT_EQ(again.leechers, 0);
  EXPECT_EQ(again.seeders, 1);
  leecher.left = 0;
  EXPECT_EQ(announce(v4_, leecher).seeders, 1);
  EXPECT_EQ(announce(other_v4_, seeder).seeders, 1);
  EXPECT_EQ(scrape(v4_, torrent(1)).seeders, 2);
}

TEST_F(UdpHandlerTest, GivesAddressAndPortOfOthersInWireFormat) {
  announce(v4_, announce_of(v4_));
  const auto peers = announce(other_v4_, announce_of(other_v4_)).peers;
  const std::vector<std::byte> got(peers.begin(), peers.end());
  EXPECT_THAT(got, ElementsAre(std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1},
                               std::byte{6881 >> 8}, std::byte{6881 & 255}));
}

TEST_F(UdpHandlerTest, KeepsFamiliesApart) {
  announce(v4_, announce_of(v4_));
  EXPECT_THAT(announce(v6_, announce_of(v6_)).peers, IsEmpty());
  EXPECT_EQ(scrape(v6_, torrent(1)).leechers, 1);
  const Endpoint v6_neighbour = {v6_.ip, 1};
  EXPECT_THAT(announce(v6_neighbour, announce_of(v6_neighbour)).peers, SizeIs(18));
}

// U51, X15: exactly as many as wanted, one and odd numbers included.
TEST_F(UdpHandlerTest, GivesExactlyAsManyPeersAsWanted) {
  options_.max_response_peers = 50;
  for (std::uint16_t port = 1; port <= 120; ++port) {
    announce({v4_.ip, port}, announce_of({v4_.ip, port}));
  }
  for (const auto& [wanted, given] : std::vector<std::pair<int, std::size_t>>{{1, 1},
                                                                              {2, 2},
                                                                              {7, 7},
                                                                              {49, 49},
                                                                              {50, 50},
                                                                              {51, 50},
                                                                              {0, 50},
                                                                              {-1, 50},
                                                                              {INT32_MIN, 50},
                                                                              {INT32_MAX, 50}}) {
    auto request = announce_of(other_v4_);
    request.num_want = wanted;
    EXPECT_THAT(announce(other_v4_, request).peers, SizeIs(6 * given)) << wanted;
  }
}

TEST_F(UdpHandlerTest, NeverSendsMoreThanOneDatagramHolds) {
  options_.max_response_peers = 100'000;
  for (std::uint16_t port = 1; port <= 300; ++port) {
    announce({v4_.ip, port}, announce_of({v4_.ip, port}));
    announce({v6_.ip, port}, announce_of({v6_.ip, port}));
  }
  EXPECT_THAT(announce(other_v4_, announce_of(other_v4_)).peers, SizeIs(202 * 6));
  const Endpoint other_v6 = {v6_.ip, 500};
  EXPECT_THAT(announce(other_v6, announce_of(other_v6)).peers, SizeIs(67 * 18));
}

// X26
TEST_F(UdpHandlerTest, GivesNothingToAPeerThatStopsAndForgetsHim) {
  announce(other_v4_, announce_of(other_v4_));
  auto request = announce_of(v4_);
  EXPECT_THAT(announce(v4_, request).peers, SizeIs(6));
  request.event = udp::Event::stopped;
  EXPECT_THAT(announce(v4_, request).peers, IsEmpty());
  EXPECT_EQ(scrape(v4_, torrent(1)).leechers, 1);
}

// U40
TEST_F(UdpHandlerTest, RemembersNothingOfAStopForAnUnknownTorrent) {
  auto request = announce_of(v4_);
  request.event = udp::Event::stopped;
  announce(v4_, request);
  EXPECT_EQ(swarm_.totals(Family::ipv4).torrents, 0);
}

TEST_F(UdpHandlerTest, CountsADownloadOnce) {
  auto request = announce_of(v4_);
  announce(v4_, request);
  request.event = udp::Event::completed;
  request.left = 0;
  announce(v4_, request);
  announce(v4_, request);  // Sent again because the response was lost.
  EXPECT_EQ(scrape(v4_, torrent(1)), (udp::TorrentScrape{1, 1, 0}));
}

TEST_F(UdpHandlerTest, TreatsAPausedPeerByWhatHeHasLeft) {
  auto request = announce_of(v4_);
  request.event = udp::Event::paused;
  announce(v4_, request);
  EXPECT_EQ(scrape(v4_, torrent(1)).leechers, 1);
}

TEST_F(UdpHandlerTest, TellsAPeerWithAValidIdWhatIsWrong) {
  auto announce_port_zero = announce_of(v4_);
  announce_port_zero.port = 0;
  EXPECT_EQ(ask_for<udp::ErrorResponse>(v4_, encoded(announce_port_zero)).message,
            "Port can't be 0");
  const auto id = connect(v4_);
  EXPECT_EQ(ask_for<udp::ErrorResponse>(v4_, encoded(udp::ScrapeRequest{id, 3, {}})).message,
            "Full scrapes are not allowed");
  const std::array<std::byte, 21> ragged{};
  const auto error = ask_for<udp::ErrorResponse>(v4_, encoded(udp::ScrapeRequest{id, 3, ragged}));
  EXPECT_EQ(error.message, "Invalid info hash list");
  EXPECT_EQ(error.transaction_id, 3);
}

TEST_F(UdpHandlerTest, TellsAPeerWithoutAValidIdNothing) {
  auto request = announce_of(v4_);
  request.connection_id ^= 8;
  request.port = 0;
  EXPECT_THAT(ask(v4_, encoded(request)), IsEmpty());
  EXPECT_THAT(ask(v4_, encoded(udp::ScrapeRequest{request.connection_id, 3, {}})), IsEmpty());
}

TEST_F(UdpHandlerTest, AnswersAScrapeOf74TorrentsInFullAndInOrder) {
  announce(v4_, announce_of(v4_));
  std::array<InfoHash, 74> hashes{};
  hashes[73] = torrent(1);
  const auto response = ask_for<udp::ScrapeResponse>(
      v4_, encoded(udp::ScrapeRequest{connect(v4_), 3, std::as_bytes(std::span(hashes))}));
  ASSERT_EQ(response.size(), 74);
  EXPECT_EQ(response[0], udp::TorrentScrape{});
  EXPECT_EQ(response[73], (udp::TorrentScrape{0, 0, 1}));
}

TEST_F(UdpHandlerTest, LeavesOutWhatAScrapeHasTooMany) {
  options_.max_scrape_torrents = 2;
  const std::array<InfoHash, 3> hashes{};
  const auto response = ask_for<udp::ScrapeResponse>(
      v4_, encoded(udp::ScrapeRequest{connect(v4_), 3, std::as_bytes(std::span(hashes))}));
  EXPECT_EQ(response.size(), 2);
}

TEST_F(UdpHandlerTest, RefusesAnnouncesAndHidesScrapesOfTorrentsThatAreNotAllowed) {
  announce(v4_, announce_of(v4_));
  use_access_list(access_list::Mode::deny, torrent(1));
  EXPECT_EQ(ask_for<udp::ErrorResponse>(v4_, encoded(announce_of(v4_))).message,
            "Info hash not allowed");
  EXPECT_EQ(scrape(v4_, torrent(1)), udp::TorrentScrape{});
  use_access_list(access_list::Mode::allow, torrent(1));
  announce(v4_, announce_of(v4_));
  auto unlisted = announce_of(v4_);
  unlisted.info_hash = torrent(2);
  EXPECT_EQ(ask_for<udp::ErrorResponse>(v4_, encoded(unlisted)).message, "Info hash not allowed");
}

TEST_F(UdpHandlerTest, IgnoresAndCountsWhatIsNotARequest) {
  EXPECT_THAT(ask(v4_, {}), IsEmpty());
  EXPECT_THAT(ask(v4_, std::vector<std::byte>(2048)), IsEmpty());
  EXPECT_EQ(metrics_.of(Family::ipv4).get(UdpMetric::malformed), 2);
}

TEST_F(UdpHandlerTest, AnswersAFullBatchOfEveryKindInItsPlace) {
  const auto request = announce_of(v4_);
  const auto scrape_bytes = encoded(udp::ScrapeRequest{request.connection_id, 6, torrent(1).bytes});
  std::vector<std::pair<Endpoint, std::vector<std::byte>>> datagrams;
  for (std::size_t i = 0; i < net::kMaxBatch; ++i) {
    datagrams.emplace_back(v4_, i % 4 == 0   ? encoded(udp::ConnectRequest{8})
                                : i % 4 == 1 ? encoded(request)
                                : i % 4 == 2 ? scrape_bytes
                                             : std::vector<std::byte>(3));
  }
  handle(datagrams);
  for (std::size_t i = 0; i < net::kMaxBatch; ++i) {
    EXPECT_THAT(responses_[i], SizeIs(std::array{16, 20, 20, 0}[i % 4])) << i;
  }
}

TEST_F(UdpHandlerTest, CountsByFamily) {
  announce(v4_, announce_of(v4_));
  connect(v6_);
  const auto& v4 = metrics_.of(Family::ipv4);
  EXPECT_EQ(v4.get(UdpMetric::requests), 2);
  EXPECT_EQ(v4.get(UdpMetric::received_bytes), 16 + 98);
  EXPECT_EQ(v4.get(UdpMetric::sent_bytes), 16 + 20);
  EXPECT_EQ(v4.get(UdpMetric::announce_responses), 1);
  EXPECT_EQ(metrics_.of(Family::ipv6).get(UdpMetric::connect_responses), 1);
}

}  // namespace
}  // namespace aquatic::server
