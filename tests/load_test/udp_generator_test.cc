// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_generator.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "tests/load_test/fake_tracker.h"
#include "tests/load_test/run_until.h"

namespace aquatic::load_test {
namespace {

using test::announce_answer;
using test::Answers;
using test::at_least;
using test::Datagram;
using test::FakeTracker;
using test::has;
using test::IsDone;
using test::right_answer;
using test::wire_peer;

UdpLoadTestConfig small_config(const FakeTracker& tracker) {
  UdpLoadTestConfig config;
  static_cast<Endpoint&>(config.server_address) = tracker.address();
  config.outstanding = 8;
  config.network.recv_buffer = 0;
  config.requests.number_of_torrents = 50;
  config.requests.number_of_peers = 100;
  config.requests.weight_connect = 1;
  config.requests.weight_announce = 10;
  config.requests.weight_scrape = 5;
  return config;
}

// Runs one generator until `is_done` and returns what it counted.
LoadCounts run_until(const UdpLoadTestConfig& config, const IsDone& is_done,
                     TorrentTally* per_torrent = nullptr) {
  validate(config);
  const Population population(config.requests.number_of_torrents, config.requests.number_of_peers);
  std::vector<std::unique_ptr<Generator>> generators;
  generators.push_back(std::make_unique<UdpGenerator>(config, population, 0, per_torrent));
  return test::run_until(generators, is_done);
}

Answers answer_rightly(const udp::Request& request, const Endpoint&) {
  return {right_answer(request)};
}

TEST(UdpGenerator, AsksEverythingAndAcceptsRightAnswers) {
  const FakeTracker tracker(answer_rightly);
  TorrentTally per_torrent(50);
  const LoadCounts counts =
      run_until(small_config(tracker), at_least(LoadCount::scrape_responses, 200), &per_torrent);
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_GT(counts[LoadCount::connect_responses], 4u);
  EXPECT_GT(counts[LoadCount::announce_responses], 200u);
  EXPECT_EQ(counts[LoadCount::error_responses], 0u);
  EXPECT_EQ(counts[LoadCount::lost], 0u);
  EXPECT_GE(counts.requests(), counts.responses());
  EXPECT_GT(counts.latency.at_share(0.5), 0u);
  const auto torrents = per_torrent.counts();
  EXPECT_GE(std::accumulate(torrents.begin(), torrents.end(), 0u),
            counts[LoadCount::announce_responses]);
}

TEST(UdpGenerator, SpeaksIpv6) {
  const FakeTracker tracker(
      [](const udp::Request& request, const Endpoint&) {
        const Datagram peer = wire_peer(*Endpoint::parse("[2001:db8::1]:5"));
        return Answers{announce_answer(request, 1, 0, peer)};
      },
      "[::1]:0");
  const LoadCounts counts =
      run_until(small_config(tracker), at_least(LoadCount::announce_responses, 50));
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_GE(counts[LoadCount::peers], 50u);
}

// What a tracker saw of each source address.
class Witness {
 public:
  void note(const udp::Request& request, const Endpoint& source) {
    const std::scoped_lock lock(mutex_);
    const auto* announce = std::get_if<udp::AnnounceRequest>(&request);
    if (announce) ports_[source.ip].insert(announce->port);
  }
  std::map<IpAddress, std::set<std::uint16_t>> ports() const {
    const std::scoped_lock lock(mutex_);
    return ports_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<IpAddress, std::set<std::uint16_t>> ports_;
};

TEST(UdpGenerator, EverySocketHasItsOwnSourceAndPeers) {
  Witness witness;
  const FakeTracker tracker([&](const udp::Request& request, const Endpoint& source) {
    witness.note(request, source);
    return Answers{right_answer(request)};
  });
  const UdpLoadTestConfig config = small_config(tracker);
  run_until(config, at_least(LoadCount::announce_responses, 500));
  const Population population(50, 100);
  std::map<IpAddress, std::set<std::uint16_t>> expected;
  for (std::size_t i = 0; i < 100; ++i) {
    const auto source = IpAddress::parse("127.0.0." + std::to_string(1 + i % 4));
    expected[*source].insert(population.peers()[i].port);
  }
  EXPECT_EQ(witness.ports(), expected);
}

TEST(UdpGenerator, AClosedLoopKeepsToItsOutstandingRequests) {
  std::atomic<int> announces = 0;
  const FakeTracker tracker([&](const udp::Request& request, const Endpoint&) {
    if (std::holds_alternative<udp::ConnectRequest>(request)) {
      return Answers{right_answer(request)};
    }
    ++announces;
    return Answers();
  });
  UdpLoadTestConfig config = small_config(tracker);
  config.requests.weight_connect = 0;
  config.response_timeout_ms = 60'000;
  run_until(config, [&](const LoadCounts& counts) {
    return counts[LoadCount::announce_requests] + counts[LoadCount::scrape_requests] == 4u * 8;
  });
}

TEST(UdpGenerator, AnOpenLoopGoesOnWithoutAnswers) {
  const FakeTracker tracker([](const udp::Request& request, const Endpoint&) {
    const bool is_connect = std::holds_alternative<udp::ConnectRequest>(request);
    return is_connect ? Answers{right_answer(request)} : Answers();
  });
  UdpLoadTestConfig config = small_config(tracker);
  config.rate = 5000;
  config.response_timeout_ms = 50;
  const LoadCounts counts = run_until(config, at_least(LoadCount::lost, 300));
  EXPECT_EQ(counts[LoadCount::announce_responses], 0u);
}

// Ids are asked for again although no connects are wanted (their weight is 0).
TEST(UdpGenerator, RefreshesConnectionIdsBeforeTheyExpire) {
  std::atomic<std::uint64_t> connects = 0;
  const FakeTracker tracker([&](const udp::Request& request, const Endpoint&) {
    connects += std::holds_alternative<udp::ConnectRequest>(request);
    return Answers{right_answer(request)};
  });
  UdpLoadTestConfig config = small_config(tracker);
  config.requests.weight_connect = 0;
  config.requests.connection_id_refresh_s = 1;
  config.rate = 500;
  run_until(config, [&](const LoadCounts&) { return connects >= 8; });
}

TEST(UdpGenerator, AsksForANewIdWhenTheTrackerForgotIt) {
  std::atomic<std::uint64_t> newest_id = 1;
  std::atomic<bool> has_forgotten = false;
  const FakeTracker tracker([&](const udp::Request& request, const Endpoint&) {
    if (const auto* connect = std::get_if<udp::ConnectRequest>(&request)) {
      Datagram out(udp::kConnectResponseBytes);
      udp::encode(udp::ConnectResponse{connect->transaction_id, newest_id}, out);
      return Answers{out};
    }
    const auto* announce = std::get_if<udp::AnnounceRequest>(&request);
    if (!announce || announce->connection_id != newest_id) return Answers();
    has_forgotten = newest_id.exchange(2) == 2;  // Restarted after its first answer.
    return Answers{right_answer(request)};
  });
  UdpLoadTestConfig config = small_config(tracker);
  config.requests.weight_connect = 0;
  config.requests.weight_scrape = 0;
  config.response_timeout_ms = 10;
  run_until(config, [&](const LoadCounts&) { return has_forgotten.load(); });
}

TEST(UdpGenerator, CountsErrorsByText) {
  const FakeTracker tracker([](const udp::Request& request, const Endpoint&) {
    const auto* announce = std::get_if<udp::AnnounceRequest>(&request);
    if (!announce) return Answers{right_answer(request)};
    Datagram out(100);
    out.resize(udp::encode(udp::ErrorResponse{announce->transaction_id, "Not today"}, out));
    return Answers{out};
  });
  const LoadCounts counts =
      run_until(small_config(tracker), at_least(LoadCount::error_responses, 20));
  EXPECT_EQ(counts.wrong_responses(), 0u);
  EXPECT_GE(counts.error_texts.at("Not today"), 20u);
}

TEST(UdpGenerator, CountsDuplicatesOnce) {
  const FakeTracker tracker([](const udp::Request& request, const Endpoint&) {
    return Answers(2, right_answer(request));
  });
  const LoadCounts counts = run_until(small_config(tracker), at_least(LoadCount::duplicates, 20));
  EXPECT_LE(counts.responses(), counts.requests());
  EXPECT_EQ(counts.wrong_responses(), 0u);
}

TEST(UdpGenerator, CountsLateResponses) {
  Answers kept;
  const FakeTracker tracker([&](const udp::Request& request, const Endpoint&) {
    if (std::holds_alternative<udp::ConnectRequest>(request)) {
      return Answers{right_answer(request)};
    }
    // Each source's requests are answered when the next come in.
    kept.push_back(right_answer(request));
    if (kept.size() < 100) return Answers();
    return std::exchange(kept, {});
  });
  UdpLoadTestConfig config = small_config(tracker);
  config.network.sockets_per_worker = 1;
  config.response_timeout_ms = 10;
  run_until(config, at_least(LoadCount::late, 20));
}

// Each wrong answer is found by its name.
void expect_fault(const FakeTracker::Answer& answer, Fault fault) {
  const FakeTracker tracker(answer);
  const LoadCounts counts = run_until(small_config(tracker), has(fault));
  EXPECT_EQ(counts.wrong_responses(), counts[fault]);
}

TEST(UdpGenerator, FindsMalformedResponses) {
  expect_fault([](const udp::Request& request,
                  const Endpoint&) { return Answers{announce_answer(request, 1, 0, Datagram(5))}; },
               Fault::malformed);
}

TEST(UdpGenerator, FindsUnknownTransactions) {
  expect_fault(
      [](const udp::Request& request, const Endpoint&) {
        Datagram out = right_answer(request);
        if (std::holds_alternative<udp::ScrapeRequest>(request)) out[4] ^= std::byte{0x80};
        return Answers{out};
      },
      Fault::unknown_transaction);
}

TEST(UdpGenerator, FindsWrongActions) {
  expect_fault(
      [](const udp::Request& request, const Endpoint&) {
        Datagram out = right_answer(request);
        if (std::holds_alternative<udp::ScrapeRequest>(request)) {
          out.resize(udp::kConnectResponseBytes);
          store_big_endian<std::uint32_t>(out.data(), 0);
        }
        return Answers{out};
      },
      Fault::wrong_action);
}

TEST(UdpGenerator, FindsItsOwnPeers) {
  expect_fault(
      [](const udp::Request& request, const Endpoint& source) {
        const auto* announce = std::get_if<udp::AnnounceRequest>(&request);
        if (!announce) return Answers{right_answer(request)};
        return Answers{announce_answer(request, 1, 0, wire_peer({source.ip, announce->port}))};
      },
      Fault::own_peer);
}

TEST(UdpGenerator, FindsMissingPeers) {
  expect_fault([](const udp::Request& request,
                  const Endpoint&) { return Answers{announce_answer(request, 5, 5, {})}; },
               Fault::missing_peers);
}

TEST(UdpGenerator, FindsRepeatedPeers) {
  expect_fault(
      [](const udp::Request& request, const Endpoint&) {
        Datagram peers = wire_peer(*Endpoint::parse("10.0.0.1:5"));
        peers.insert(peers.end(), peers.begin(), peers.end());
        return Answers{announce_answer(request, 2, 0, peers)};
      },
      Fault::repeated_peer);
}

TEST(UdpGenerator, FindsWrongScrapes) {
  expect_fault(
      [](const udp::Request& request, const Endpoint&) {
        Datagram out = right_answer(request);
        if (std::holds_alternative<udp::ScrapeRequest>(request)) {
          out.resize(out.size() + udp::kTorrentScrapeBytes);
        }
        return Answers{out};
      },
      Fault::wrong_scrape_entries);
}

// The answer to another socket's request: the last one's.
TEST(UdpGenerator, FindsAnswersOnTheWrongSocket) {
  Datagram last;
  Endpoint last_source;
  expect_fault(
      [&](const udp::Request& request, const Endpoint& source) {
        if (std::holds_alternative<udp::ConnectRequest>(request)) {
          return Answers{right_answer(request)};
        }
        const bool is_other = !last.empty() && source != last_source;
        const Datagram previous = std::exchange(last, right_answer(request));
        last_source = source;
        return is_other ? Answers{previous} : Answers();
      },
      Fault::wrong_socket);
}

TEST(UdpGenerator, SaysThatThePortIsClosed) {
  UdpLoadTestConfig config;
  {
    const FakeTracker tracker(answer_rightly);
    config = small_config(tracker);
  }  // Nobody listens there now.
  const LoadCounts counts = run_until(config, at_least(LoadCount::refused, 1));
  EXPECT_EQ(counts.responses(), 0u);
}

}  // namespace
}  // namespace aquatic::load_test
