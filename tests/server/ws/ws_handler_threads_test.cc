// SPDX-License-Identifier: Apache-2.0
// Real workers with their threads, sockets and mailboxes, while another thread does what the
// control loop does. What they share is what this is for: run it under ThreadSanitizer.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "protocol/ws/frame.h"
#include "protocol/ws/request.h"
#include "protocol/ws/response.h"
#include "server/http/http_handler.h"
#include "server/stream/stream_service.h"
#include "tests/support/manual_clock.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::server {
namespace {

constexpr std::size_t kWorkers = 3;
constexpr std::size_t kPeers = 24;
constexpr std::size_t kTorrents = 3;
constexpr std::size_t kAnnounces = 20;  // Of each peer.
constexpr std::size_t kOffers = 3;      // Of each announce.
constexpr std::size_t kMaxMessageBytes = 64 * 1024;
constexpr ws::MaskingKey kKey = 0x12345678;
constexpr std::string_view kUpgrade =
    "GET / HTTP/1.1\r\nHost: tracker\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

template <class Id>
Id numbered(std::uint64_t number) {
  Id id;
  std::memcpy(id.bytes.data(), &number, sizeof(number));
  return id;
}

// Announces again and again, and answers every offer.
class BrowserPeer {
 public:
  BrowserPeer(const Endpoint& tracker, std::size_t number) : tcp_(tracker), number_(number) {
    tcp_.send(kUpgrade);
  }

  // Takes what has come and says what there is to say; false when there is nothing more to do.
  bool work() {
    input_ += tcp_.take_received();
    if (!is_upgraded_) {
      const std::size_t end = input_.find("\r\n\r\n");
      if (end == std::string::npos) return true;
      EXPECT_TRUE(input_.starts_with("HTTP/1.1 101 "));
      input_.erase(0, end + 4);
      is_upgraded_ = true;
      announce();
    }
    Bytes rest = as_bytes(input_);
    while (true) {
      const auto received = reader_.next(rest, partial_);
      if (!received || !*received) break;
      if (const auto* message = std::get_if<ws::Message>(&**received)) hear(message->payload);
    }
    input_.erase(0, input_.size() - rest.size());
    return responses < kAnnounces;
  }

  void close() { tcp_.close(); }

  std::size_t responses = 0;
  std::multiset<OfferId> offers;   // That came from others.
  std::multiset<OfferId> answers;  // To own ones.

 private:
  void hear(ws::PaddedBytes payload) {
    const auto decoded = decoder_.decode(payload);
    ASSERT_TRUE(decoded);
    if (const auto* offer = std::get_if<ws::RelayedOffer>(&*decoded)) {
      offers.insert(offer->offer_id);
      say({.info_hash = info_hash(),
           .peer_id = peer_id(),
           .answer = ws::Answer{offer->peer_id, offer->offer_id, R"("answer")"}});
    } else if (const auto* answer = std::get_if<ws::RelayedAnswer>(&*decoded)) {
      answers.insert(answer->offer_id);
    } else if (std::holds_alternative<ws::AnnounceResponse>(*decoded)) {
      if (++responses < kAnnounces) announce();
    }
  }

  void announce() {
    std::vector<ws::Offer> made;
    for (std::size_t i = 0; i < kOffers; ++i) {
      made.push_back({numbered<OfferId>(number_ << 32 | ++offer_count_), R"("offer")"});
    }
    say({.info_hash = info_hash(),
         .peer_id = peer_id(),
         .is_seeder = number_ % 4 == 0,
         .offers = made});
  }

  void say(const ws::AnnounceRequest& request) {
    ByteBuffer frame;
    encode(request, frame);
    ws::end_frame(ws::Opcode::text, 0, frame, kKey);
    tcp_.send(frame.text());
  }

  InfoHash info_hash() const { return numbered<InfoHash>(number_ % kTorrents); }
  PeerId peer_id() const { return numbered<PeerId>(number_); }

  test::TcpPeer tcp_;
  const std::size_t number_;
  bool is_upgraded_ = false;
  std::string input_;
  std::uint64_t offer_count_ = 0;
  ws::MessageReader reader_{ws::Side::server, {}};
  ws::PartialMessage partial_;
  ws::ResponseDecoder decoder_{kMaxMessageBytes};
};

class WsThreadsTest : public testing::Test {
 protected:
  WsThreadsTest() : metrics_(kWorkers), http_metrics_(kWorkers) {
    service_.start(threads_, clock_, [this](net::Outbox& outbox) {
      const std::uint32_t worker = outbox.own_number();
      auto upgrades = std::make_unique<WsHandler>(WsHandlerOptions(), offers_, access_list_, outbox,
                                                  worker, metrics_[worker]);
      return std::make_unique<HttpHandler>(HttpHandlerOptions{.serves_announces = false}, swarm_,
                                           access_list_, worker, http_metrics_[worker],
                                           HttpHandler::Others{.upgrades = std::move(upgrades)});
    });
  }

  Endpoint address() const {
    const std::string url = service_.urls("", "");
    return *Endpoint::parse(url.substr(3, url.size() - 4));
  }
  std::uint64_t count(WsMetric metric) const {
    std::uint64_t sum = 0;
    for (const WsMetrics& each : metrics_) sum += each.of(Family::ipv4).get(metric);
    return sum;
  }
  std::uint64_t peers() const { return offers_.totals(Family::ipv4).peers; }

  // Rounds of a millisecond until `is_done`, bounded.
  template <class IsDone>
  static bool wait_until(IsDone is_done) {
    constexpr int kMaxRounds = 60'000;
    for (int i = 0; i < kMaxRounds; ++i) {
      if (is_done()) return true;
      poll(nullptr, 0, 1);
    }
    return false;
  }

  test::ManualClock clock_;
  offers::OfferSwarm offers_{{.shard_count = 2, .hash_seed = 1}};
  swarm::Swarm swarm_{{.shard_count = 1}};
  access_list::Holder access_list_;
  std::vector<WsMetrics> metrics_;
  std::vector<HttpMetrics> http_metrics_;
  StreamService service_{{.worker_name = "test",
                          .worker_count = kWorkers,
                          .addresses = {*Endpoint::parse("127.0.0.1:0")},
                          .streams = {.limits = {9, 9, 9, 9, 9, 9}, .proxies = {}}}};
  process::Workers threads_;  // Last, so that they end before what they use.
};

TEST_F(WsThreadsTest, WorkersShareTheSwarmAndTheirMailboxes) {
  std::jthread control([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      offers_.expire_all(clock_.now(), [](const InfoHash&) { return true; });
      access_list_.replace({access_list::Mode::deny, {}});
      for (const Family family : {Family::ipv4, Family::ipv6}) (void)offers_.totals(family);
      (void)count(WsMetric::offers);
      std::this_thread::yield();
    }
  });
  std::vector<std::unique_ptr<BrowserPeer>> peers_of_test;
  for (std::size_t i = 0; i < kPeers; ++i) {
    peers_of_test.push_back(std::make_unique<BrowserPeer>(address(), i));
  }
  const auto sum_of = [&](auto member) {
    std::size_t sum = 0;
    for (const auto& peer : peers_of_test) sum += std::invoke(member, *peer).size();
    return sum;
  };
  EXPECT_TRUE(wait_until([&] {
    bool is_busy = false;
    for (const auto& peer : peers_of_test) is_busy |= peer->work();
    return !is_busy && sum_of(&BrowserPeer::offers) == count(WsMetric::offers) &&
           sum_of(&BrowserPeer::answers) == sum_of(&BrowserPeer::offers);
  }));
  EXPECT_GT(count(WsMetric::offers), kPeers * kAnnounces);
  EXPECT_EQ(count(WsMetric::failure_responses), 0u);

  std::multiset<OfferId> all;
  for (const auto& peer : peers_of_test) all.insert(peer->offers.begin(), peer->offers.end());
  EXPECT_EQ(std::set<OfferId>(all.begin(), all.end()).size(), all.size()) << "each once";
  EXPECT_EQ(peers(), kPeers);
  for (const auto& peer : peers_of_test) peer->close();
  EXPECT_TRUE(wait_until([&] { return peers() == 0; }));
  EXPECT_EQ(offers_.totals(Family::ipv4).torrents, 0u);
}

}  // namespace
}  // namespace aquatic::server
