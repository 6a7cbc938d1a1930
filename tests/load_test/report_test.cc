// SPDX-License-Identifier: Apache-2.0
#include "load_test/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "load_test/udp_load_test_config.h"

namespace aquatic::load_test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Two seconds with 100 announces, 25 of them lost.
LoadSample sample_after_two_seconds() {
  LoadTally tally;
  tally.counts.add(LoadCount::announce_requests, 100);
  tally.counts.add(LoadCount::announce_responses, 75);
  tally.counts.add(LoadCount::peers, 150);
  tally.counts.add(LoadCount::lost, 25);
  for (int i = 0; i < 75; ++i) tally.latency.record(1000);
  LoadSample sample;
  sample.at_ns = 2'000'000'000;
  sample.counts.add(tally);
  sample.generator = {{1, {1'000'000'000, 0}}};
  sample.tracker = ThreadTimes{{2, {1'500'000, 0}}};
  return sample;
}

LoadSample sample_at_start() {
  LoadSample sample;
  sample.generator = {{1, {0, 0}}};
  sample.tracker = ThreadTimes{{2, {0, 0}}};
  return sample;
}

LoadWindow two_seconds() { return between(sample_at_start(), sample_after_two_seconds()); }

TEST(Report, SaysWhatHappened) {
  const std::string text = to_text(two_seconds(), 0);
  EXPECT_THAT(text, HasSubstr("Requests out: 50.00/second\n"));
  EXPECT_THAT(text, HasSubstr("Responses in: 37.50/second\n"));
  EXPECT_THAT(text, HasSubstr("announce_responses: 37.50/second\n"));
  EXPECT_THAT(text, HasSubstr("Peers per announce response: 2.00\n"));
  EXPECT_THAT(text, HasSubstr("p50 1.0, p90 1.0"));
  EXPECT_THAT(text, HasSubstr("Lost: 25.0000 %\n"));
  EXPECT_THAT(text, HasSubstr("  lost: 25\n"));
  EXPECT_THAT(text, HasSubstr("CPU of the generator: 0.50 cores, its busiest thread 50 %"));
  EXPECT_THAT(text, HasSubstr("CPU of the tracker for each response: 20000 ns\n"));
  EXPECT_THAT(text, HasSubstr("Limit: outstanding-bound\n"));
}

TEST(Report, LeavesOutWhatDidNotHappen) {
  LoadWindow window = two_seconds();
  window.tracker.reset();
  const std::string text = to_text(window, 0);
  EXPECT_THAT(text, Not(HasSubstr("duplicates")));
  EXPECT_THAT(text, Not(HasSubstr("WRONG")));
  EXPECT_THAT(text, Not(HasSubstr("dropped")));
  EXPECT_THAT(text, Not(HasSubstr("CPU of the tracker")));
  EXPECT_THAT(text, Not(HasSubstr("waiting for a core")));
}

TEST(Report, ShowsErrorsDropsAndWrongResponses) {
  LoadWindow window = two_seconds();
  window.counts.error_texts["Info hash not allowed"] = 4;
  window.counts.faults[static_cast<std::size_t>(Fault::own_peer)] = 3;
  window.tracker_drops = 9;
  window.tracker->busiest_ready = 0.5;
  const std::string text = to_text(window, 0);
  EXPECT_THAT(text, HasSubstr("error \"Info hash not allowed\": 4\n"));
  EXPECT_THAT(text, HasSubstr("WRONG RESPONSES: own_peer: 3\n"));
  EXPECT_THAT(text, HasSubstr("its busiest thread 0 %, and 50 % waiting for a core\n"));
  EXPECT_THAT(text, HasSubstr("dropped by the kernel: 9 requests, 0 responses\n"));
}

TEST(Report, JsonHasTheFigures) {
  LoadWindow window = two_seconds();
  window.counts.error_texts["say \"no\""] = 4;
  LoadSample whole = sample_after_two_seconds();
  whole.counts.faults[static_cast<std::size_t>(Fault::malformed)] = 2;
  UdpLoadTestConfig config;
  const std::string json = to_json(window, whole, config::describe(config), 0);
  EXPECT_THAT(json, HasSubstr(R"("server_address":"127.0.0.1:3000")"));
  EXPECT_THAT(json, HasSubstr(R"("requests":{"number_of_torrents":1000000,)"));
  EXPECT_THAT(json, HasSubstr(R"("responses_per_second":37.5,)"));
  EXPECT_THAT(json, HasSubstr(R"("lost_share":0.25,)"));
  EXPECT_THAT(json, HasSubstr(R"("p99":1007,)"));
  EXPECT_THAT(json, HasSubstr(R"("errors":{"say \"no\"":4})"));
  EXPECT_THAT(json, HasSubstr(R"("malformed":2)"));
  EXPECT_THAT(json, HasSubstr(R"("tracker_cpu_ns_per_response":20000,)"));
  EXPECT_THAT(json, HasSubstr(R"("limit":"outstanding-bound"})"));
  EXPECT_EQ(std::ranges::count(json, '{'), std::ranges::count(json, '}'));
}

TEST(Report, ShowsWhatOnlyStreamsHave) {
  LoadWindow window = two_seconds();
  EXPECT_THAT(to_text(window, 0), Not(HasSubstr("Connections")));
  window.counts.counts[static_cast<std::size_t>(LoadCount::connections)] = 50;
  window.counts.counts[static_cast<std::size_t>(LoadCount::full_handshakes)] = 10;
  window.counts.counts[static_cast<std::size_t>(LoadCount::sent_bytes)] = 250'000;
  window.counts.counts[static_cast<std::size_t>(LoadCount::received_bytes)] = 1'000'000;
  window.counts.counts[static_cast<std::size_t>(LoadCount::broken_connections)] = 4;
  const std::string text = to_text(window, 0);
  EXPECT_THAT(text, HasSubstr("Connections: 25.00/second, with TLS in full 5.00, resumed 0.00\n"));
  EXPECT_THAT(text, HasSubstr("Bandwidth in Mbit/s: out 1.00, in 4.00\n"));
  EXPECT_THAT(text, HasSubstr("  broken_connections: 4\n"));
}

TEST(Report, ShowsWhatOnlyWebTorrentHas) {
  LoadWindow window = two_seconds();
  EXPECT_THAT(to_text(window, 0), Not(HasSubstr("Offers")));
  EXPECT_THAT(to_text(window, 0), Not(HasSubstr("Memory")));
  const auto set = [&](LoadCount what, std::uint64_t count) {
    window.counts.counts[static_cast<std::size_t>(what)] = count;
  };
  set(LoadCount::offers, 100);
  set(LoadCount::due_offers, 50);
  set(LoadCount::relayed_offers, 48);
  set(LoadCount::answers, 48);
  set(LoadCount::relayed_answers, 40);
  window.memory = {.bytes = 9'000'000, .bytes_before = 5'000'000, .connections = 1000};
  const std::string text = to_text(window, 0);
  EXPECT_THAT(text, HasSubstr("Offers: 50.00/second, for 25.00 there were peers\n"
                              "  relayed_offers: 24.00/second\n"
                              "Answers: 24.00/second\n"
                              "  relayed_answers: 20.00/second\n"));
  EXPECT_THAT(text, HasSubstr("  missing offers, those under way included: 2\n"));
  EXPECT_THAT(text, HasSubstr("9.0 MB, 5.0 MB before, 4000 bytes for each of 1000 connections\n"));
  const std::string json = to_json(window, sample_after_two_seconds(), {}, 0);
  EXPECT_THAT(json, HasSubstr(R"("missing_offers":2,)"));
  EXPECT_THAT(json, HasSubstr(R"("bytes_per_connection":4000})"));
}

TEST(Report, JsonSaysThatTheTrackerIsUnknown) {
  LoadWindow window = two_seconds();
  window.tracker.reset();
  const std::string json = to_json(window, sample_after_two_seconds(), {}, 0);
  EXPECT_THAT(json, HasSubstr(R"("tracker_cpu":null,"tracker_cpu_ns_per_response":null,)"));
}

TEST(Report, PercentilesOfCounts) {
  std::vector<std::uint32_t> counts;
  for (std::uint32_t i = 100; i > 0; --i) counts.push_back(i);
  EXPECT_EQ(percentiles_line("Peers", counts),
            "Peers: min 1, p10 10, p25 25, p50 50, p75 75, p90 90, p95 95, p99 99, p99.9 99, "
            "max 100\n");
  EXPECT_EQ(percentiles_line("Peers", {}), "");
}

}  // namespace
}  // namespace aquatic::load_test
