// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_generator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "protocol/http/request.h"
#include "tests/load_test/http_tracker.h"
#include "tests/load_test/run_until.h"
#include "tests/support/certificates.h"

namespace aquatic::load_test {
namespace {

using test::answer_with;
using test::at_least;
using test::http_response;
using test::IsDone;
using test::right_body;
using test::StreamTracker;

HttpLoadTestConfig small_config(const Endpoint& tracker) {
  HttpLoadTestConfig config;
  static_cast<Endpoint&>(config.server_address) = tracker;
  config.num_connections = 4;
  config.connection_creation_interval_ms = 0;
  config.response_timeout_ms = 60'000;
  config.torrents.number_of_torrents = 50;
  config.torrents.number_of_peers = 100;
  config.torrents.weight_scrape = 5;
  return config;
}

// Runs one generator until `is_done` and returns what it counted.
LoadCounts run_until(const HttpLoadTestConfig& config, const IsDone& is_done,
                     TorrentTally* per_torrent = nullptr) {
  validate(config);
  const Population population(config.torrents.number_of_torrents, config.torrents.number_of_peers);
  std::vector<std::unique_ptr<Generator>> generators;
  generators.push_back(std::make_unique<HttpGenerator>(config, population, 0, per_torrent));
  return test::run_until(generators, is_done);
}

std::string answer_rightly(const http::Target& target, const Endpoint&) {
  return right_body(target);
}

TEST(HttpGenerator, AsksEverythingAndAcceptsRightAnswers) {
  const StreamTracker tracker(answer_with(answer_rightly));
  TorrentTally per_torrent(50);
  const LoadCounts counts = run_until(small_config(tracker.address()),
                                      at_least(LoadCount::scrape_responses, 200), &per_torrent);
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_GT(counts[LoadCount::announce_responses], 50u);
  EXPECT_EQ(counts[LoadCount::error_responses], 0u);
  EXPECT_EQ(counts[LoadCount::lost], 0u);
  EXPECT_EQ(counts[LoadCount::connections], 4u);
  EXPECT_GE(counts.requests(), counts.responses());
  EXPECT_GT(counts[LoadCount::sent_bytes], counts.responses() * 100);
  EXPECT_GT(counts[LoadCount::received_bytes], counts.responses() * 50);
  EXPECT_GT(counts.latency.at_share(0.5), 0u);
  const auto torrents = per_torrent.counts();
  EXPECT_GE(std::accumulate(torrents.begin(), torrents.end(), 0u),
            counts[LoadCount::announce_responses]);
}

TEST(HttpGenerator, WithoutKeepAliveEachRequestHasItsConnection) {
  const StreamTracker tracker(answer_with(answer_rightly));
  HttpLoadTestConfig config = small_config(tracker.address());
  config.keep_alive = false;
  const LoadCounts counts = run_until(config, at_least(LoadCount::announce_responses, 100));
  EXPECT_GE(counts[LoadCount::connections], counts.responses());
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_EQ(counts[LoadCount::lost], 0u);
  EXPECT_EQ(counts[LoadCount::broken_connections], 0u);
}

TEST(HttpGenerator, PipelinesAsDeepAsItMay) {
  // Answers nothing before everything that may come is there.
  const StreamTracker tracker([](std::string_view input, const Endpoint& peer) {
    static const auto answer = answer_with(answer_rightly);
    std::size_t requests = 0;
    for (std::size_t at = 0; (at = input.find("\r\n\r\n", at)) != input.npos; ++at) ++requests;
    EXPECT_LE(requests, 8u);
    if (requests < 8) return StreamTracker::Answer{};
    StreamTracker::Answer all;
    for (; requests > 0; --requests) {
      const auto one = answer(input.substr(all.taken), peer);
      all.bytes += one.bytes;
      all.taken += one.taken;
    }
    return all;
  });
  HttpLoadTestConfig config = small_config(tracker.address());
  config.pipelining = 8;
  const LoadCounts counts = run_until(config, at_least(LoadCount::announce_responses, 100));
  EXPECT_EQ(counts.wrong_responses(), 0u);
}

class HttpGeneratorTls : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(FullAndResumed, HttpGeneratorTls, testing::Bool());

TEST_P(HttpGeneratorTls, SpeaksTls) {
  const aquatic::test::Certificates certificates;
  certificates.make_self_signed("tracker");
  const StreamTracker tracker(answer_with(answer_rightly),
                              net::TlsContext::load(certificates.path("tracker.pem"),
                                                    certificates.path("tracker.key"), nullptr));
  HttpLoadTestConfig config = small_config(tracker.address());
  config.enable_tls = true;
  config.keep_alive = false;
  config.resume_tls_sessions = GetParam();
  const LoadCounts counts = run_until(config, at_least(LoadCount::announce_responses, 50));
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_EQ(counts[LoadCount::lost], 0u);
  const LoadCount wanted = GetParam() ? LoadCount::resumed_handshakes : LoadCount::full_handshakes;
  EXPECT_GE(counts[wanted], 40u);  // The first connections have nothing to resume.
  EXPECT_EQ(counts[LoadCount::connections],
            counts[LoadCount::full_handshakes] + counts[LoadCount::resumed_handshakes]);
}

TEST(HttpGenerator, SpeaksIpv6) {
  const StreamTracker tracker(answer_with([](const http::Target& target, const Endpoint&) {
                                if (target.path != "/announce") return right_body(target);
                                return "d8:completei1e10:incompletei0e8:intervali1e6:peers618:" +
                                       std::string(18, 'a') + "e";
                              }),
                              nullptr, "[::1]:0");
  const LoadCounts counts =
      run_until(small_config(tracker.address()), at_least(LoadCount::announce_responses, 50));
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_GE(counts[LoadCount::peers], 50u);
}

// The ports that came from each address.
TEST(HttpGenerator, EveryConnectionHasItsOwnSourceAndPeers) {
  std::mutex mutex;
  std::map<IpAddress, std::set<std::uint16_t>> ports;
  const StreamTracker tracker(answer_with([&](const http::Target& target, const Endpoint& peer) {
    const auto announce = http::decode_announce(target.query);
    if (target.path == "/announce" && announce) {
      const std::scoped_lock lock(mutex);
      ports[peer.ip].insert(announce->port);
    }
    return right_body(target);
  }));
  run_until(small_config(tracker.address()), at_least(LoadCount::announce_responses, 500));
  const Population population(50, 100);
  std::map<IpAddress, std::set<std::uint16_t>> expected;
  for (std::size_t i = 0; i < 100; ++i) {
    const auto source = IpAddress::parse("127.0.0." + std::to_string(1 + i % 4));
    expected[*source].insert(population.peers()[i].port);
  }
  const std::scoped_lock lock(mutex);
  EXPECT_EQ(ports, expected);
}

TEST(HttpGenerator, AnOpenLoopKeepsItsPace) {
  const StreamTracker tracker(answer_with(answer_rightly));
  HttpLoadTestConfig config = small_config(tracker.address());
  config.rate = 1000;
  const LoadCounts counts = run_until(config, at_least(LoadCount::announce_responses, 100));
  EXPECT_EQ(counts.wrong_responses(), 0u);
}

TEST(HttpGenerator, GivesUpWhatIsNotAnsweredInTime) {
  const StreamTracker tracker(
      [](std::string_view, const Endpoint&) { return StreamTracker::Answer{}; });
  HttpLoadTestConfig config = small_config(tracker.address());
  config.response_timeout_ms = 10;
  const LoadCounts counts = run_until(config, at_least(LoadCount::lost, 12));
  EXPECT_EQ(counts.responses(), 0u);
  EXPECT_GE(counts[LoadCount::broken_connections], 12u);
}

TEST(HttpGenerator, OpensAgainWhatTheTrackerCloses) {
  const StreamTracker tracker([](std::string_view input, const Endpoint& peer) {
    auto answer = answer_with(answer_rightly)(input, peer);
    answer.is_last = true;  // Without having said so.
    return answer;
  });
  const LoadCounts counts =
      run_until(small_config(tracker.address()), at_least(LoadCount::announce_responses, 20));
  EXPECT_GE(counts[LoadCount::connections], counts.responses());
}

TEST(HttpGenerator, CountsConnectionsThatFail) {
  run_until(small_config(*Endpoint::parse("127.0.0.1:9")),
            at_least(LoadCount::connection_failures, 8));
}

TEST(HttpGenerator, CountsErrorsByText) {
  const StreamTracker tracker(answer_with([](const http::Target&, const Endpoint&) {
    return std::string("d14:failure reason9:Not todaye");
  }));
  const LoadCounts counts =
      run_until(small_config(tracker.address()), at_least(LoadCount::error_responses, 20));
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_GE(counts.error_texts.at("Not today"), 20u);
}

// Each wrong answer is found by its name.
void expect_fault(const StreamTracker::Behaviour& behaviour, Fault fault) {
  const StreamTracker tracker(behaviour);
  const LoadCounts counts = run_until(small_config(tracker.address()),
                                      [&](const LoadCounts& so_far) { return so_far[fault] > 0; });
  EXPECT_EQ(counts.wrong_responses(), counts[fault]);
}

TEST(HttpGenerator, FindsWrongBodies) {
  expect_fault(answer_with([](const http::Target&, const Endpoint&) { return "nonsense"; }),
               Fault::malformed);
  expect_fault(answer_with([](const http::Target& target, const Endpoint&) {
                 return target.path == "/scrape" ? right_body(target) : "d5:filesdee";
               }),
               Fault::wrong_action);
}

TEST(HttpGenerator, FindsWhatIsNotHttp) {
  expect_fault(
      [](std::string_view input, const Endpoint&) {
        return StreamTracker::Answer{
            .bytes = "nonsense\r\n\r\n", .is_last = false, .taken = input.size()};
      },
      Fault::malformed);
}

TEST(HttpGenerator, FindsResponsesThatNobodyAskedFor) {
  expect_fault(
      [](std::string_view input, const Endpoint& peer) {
        auto answer = answer_with(answer_rightly)(input, peer);
        answer.bytes += http_response("d14:failure reason2:noe");
        return answer;
      },
      Fault::unknown_transaction);
}

}  // namespace
}  // namespace aquatic::load_test
