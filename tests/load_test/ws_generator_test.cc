// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_generator.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/load_test/run_until.h"
#include "tests/load_test/ws_tracker.h"
#include "tests/support/certificates.h"

namespace aquatic::load_test {
namespace {

using test::at_least;
using test::IsDone;
using test::serve_ws;
using test::StreamTracker;
using test::ws_frame;
using test::WsTracker;

WsLoadTestConfig small_config(const Endpoint& tracker) {
  WsLoadTestConfig config;
  static_cast<Endpoint&>(config.server_address) = tracker;
  config.num_connections_per_worker = 4;
  config.connection_creation_interval_ms = 0;
  config.response_timeout_ms = 60'000;
  config.torrents.number_of_torrents = 2;
  config.torrents.torrents_per_connection = 2;
  config.torrents.weight_scrape = 1;
  return config;
}

// Runs as many generators as there are workers until `is_done`, and returns what they counted.
LoadCounts run_until(const WsLoadTestConfig& config, const IsDone& is_done) {
  validate(config);
  const std::uint32_t busy = config.num_workers * config.num_connections_per_worker;
  const Population population(config.torrents.number_of_torrents,
                              busy * config.torrents.torrents_per_connection, Popularity::harmonic);
  const WsPeers peers(config, population);
  OfferLedger ledger(busy);
  std::vector<std::unique_ptr<Generator>> generators;
  for (std::uint32_t i = 0; i < config.num_workers; ++i) {
    generators.push_back(std::make_unique<WsGenerator>(config, peers, ledger, i, nullptr));
  }
  return test::run_until(generators, is_done);
}

void expect_right(const LoadCounts& counts) {
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_EQ(counts[LoadCount::error_responses], 0u);
  EXPECT_EQ(counts[LoadCount::lost], 0u);
  EXPECT_EQ(counts[LoadCount::broken_connections], 0u);
}

TEST(WsGenerator, OffersAreAnsweredAndBothAreChecked) {
  const StreamTracker tracker(serve_ws());
  const LoadCounts counts =
      run_until(small_config(tracker.address()), [](const LoadCounts& so_far) {
        return so_far[LoadCount::relayed_answers] >= 100 &&
               so_far[LoadCount::scrape_responses] >= 10;
      });
  expect_right(counts);
  EXPECT_EQ(counts[LoadCount::connections], 4u);
  EXPECT_GE(counts[LoadCount::offers], counts[LoadCount::due_offers]);
  EXPECT_GE(counts[LoadCount::relayed_offers], counts[LoadCount::answers]);
  EXPECT_GE(counts[LoadCount::answers], counts[LoadCount::relayed_answers]);
  EXPECT_EQ(counts.offer_latency.total(), counts[LoadCount::relayed_offers]);
  EXPECT_EQ(counts.answer_latency.total(), counts[LoadCount::relayed_answers]);
}

TEST(WsGenerator, WorkersCheckEachOthersOffers) {
  const StreamTracker tracker(serve_ws());
  WsLoadTestConfig config = small_config(tracker.address());
  config.num_workers = 3;
  config.num_connections_per_worker = 1;
  expect_right(run_until(config, at_least(LoadCount::relayed_answers, 50)));
}

TEST(WsGenerator, SpeaksTls) {
  const aquatic::test::Certificates certificates;
  certificates.make_self_signed("tracker");
  const StreamTracker tracker(serve_ws(),
                              net::TlsContext::load(certificates.path("tracker.pem"),
                                                    certificates.path("tracker.key"), nullptr));
  WsLoadTestConfig config = small_config(tracker.address());
  config.enable_tls = true;
  const LoadCounts counts = run_until(config, at_least(LoadCount::relayed_answers, 50));
  expect_right(counts);
  EXPECT_EQ(counts[LoadCount::full_handshakes], 4u);
}

TEST(WsGenerator, IdleConnectionsAnnounceOnceAndAnswerPings) {
  auto pings = std::make_shared<std::atomic<int>>(0);
  const StreamTracker tracker(
      [tracker = serve_ws(), pings](std::string_view input, const Endpoint& peer) {
        auto answer = tracker(input, peer);
        if (answer.taken > 0 && pings->fetch_add(1) % 2 == 0) {
          ByteBuffer ping;
          ws::encode_frame(ws::Opcode::ping, as_bytes("still there?"), ping);
          answer.bytes += ping.text();
        }
        return answer;
      });
  WsLoadTestConfig config = small_config(tracker.address());
  config.num_connections_per_worker = 1;
  config.num_idle_connections_per_worker = 200;
  config.rate = 1;
  const LoadCounts counts = run_until(config, [](const LoadCounts& so_far) {
    return so_far[LoadCount::announce_responses] >= 200 && so_far[LoadCount::pings] >= 100;
  });
  expect_right(counts);
  EXPECT_LT(counts[LoadCount::announce_requests], 200u + 62u);  // At most one a second, besides.
}

TEST(WsGenerator, AnOpenLoopKeepsItsPace) {
  const StreamTracker tracker(serve_ws());
  WsLoadTestConfig config = small_config(tracker.address());
  config.rate = 1000;
  expect_right(run_until(config, at_least(LoadCount::announce_responses, 100)));
}

TEST(WsGenerator, GivesUpWhatIsNotAnsweredInTime) {
  const StreamTracker tracker(
      [](std::string_view, const Endpoint&) { return StreamTracker::Answer{}; });
  WsLoadTestConfig config = small_config(tracker.address());
  config.response_timeout_ms = 10;
  const LoadCounts counts = run_until(config, at_least(LoadCount::connection_failures, 8));
  EXPECT_EQ(counts.responses(), 0u);
}

TEST(WsGenerator, SaysWithWhichCodeItWasClosed) {
  const StreamTracker tracker([](std::string_view input, const Endpoint& peer) {
    static const auto right = serve_ws();
    auto answer = right(input, peer);
    if (answer.bytes.starts_with("HTTP")) {
      ByteBuffer close;
      ws::encode_close(ws::CloseCode::try_again_later, "full", close);
      answer.bytes += close.text();
    }
    return answer;
  });
  const LoadCounts counts =
      run_until(small_config(tracker.address()), at_least(LoadCount::broken_connections, 4));
  EXPECT_GE(counts.error_texts.at("closed with 1013: full"), 4u);
}

TEST(WsGenerator, CountsErrorsByText) {
  WsTracker::Mischief mischief;
  mischief.after_response = ws_frame(ws::Failure{.reason = "Not today"});
  const StreamTracker tracker(serve_ws(mischief));
  const LoadCounts counts =
      run_until(small_config(tracker.address()), at_least(LoadCount::error_responses, 4));
  EXPECT_GE(counts.error_texts.at("Not today"), 4u);
}

// Each wrong message is found by its name.
void expect_fault(const WsTracker::Mischief& mischief, Fault fault) {
  const StreamTracker tracker(serve_ws(mischief));
  WsLoadTestConfig config = small_config(tracker.address());
  config.torrents.weight_scrape = 0;
  const LoadCounts counts =
      run_until(config, [&](const LoadCounts& so_far) { return so_far[fault] > 0; });
  EXPECT_EQ(counts.wrong_responses(), counts[fault]) << name_of(fault);
}

TEST(WsGenerator, FindsWrongResponses) {
  expect_fault({.change_response = [](auto& response) { response.interval_s = 0; }},
               Fault::missing_keys);
  expect_fault({.change_response = [](auto& response) { response.complete = 1'000'000; }},
               Fault::impossible_counts);
  expect_fault({.change_response = [](auto& response) { response.info_hash = {}; }},
               Fault::wrong_torrent);
  expect_fault({.after_response = "nonsense"}, Fault::malformed);
}

TEST(WsGenerator, FindsResponsesThatNobodyAskedFor) {
  WsTracker::Mischief mischief;
  mischief.after_response = ws_frame(ws::ScrapeResponse{});
  expect_fault(mischief, Fault::unknown_transaction);
}

TEST(WsGenerator, FindsWrongRelays) {
  expect_fault({.change_offer = [](auto& offer) { offer.sdp = R"("v=0")"; }}, Fault::altered_relay);
  expect_fault({.change_answer = [](auto& answer) { answer.peer_id = {}; }}, Fault::altered_relay);
  expect_fault({.copies_of_offer = 2}, Fault::repeated_relay);
  expect_fault({.copies_of_answer = 2}, Fault::repeated_relay);
  expect_fault({.returns_to_sender = true}, Fault::own_peer);
  expect_fault({.change_offer = [](auto& offer) { offer.offer_id = {}; }}, Fault::unknown_relay);
}

}  // namespace
}  // namespace aquatic::load_test
