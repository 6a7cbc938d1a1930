// SPDX-License-Identifier: Apache-2.0
#include "load_test/load_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace aquatic::load_test {
namespace {

using testing::ElementsAre;
using testing::Pair;

LoadCounts counts_of(const LoadTally& tally) {
  LoadCounts counts;
  counts.add(tally);
  return counts;
}

TEST(LoadCounts, AddsUpWorkers) {
  LoadTally a;
  LoadTally b;
  a.counts.add(LoadCount::connect_requests);
  b.counts.add(LoadCount::announce_requests, 2);
  b.counts.add(LoadCount::announce_responses, 2);
  a.counts.add(LoadCount::error_responses);
  a.faults.add(Fault::own_peer);
  b.faults.add(Fault::own_peer);
  a.latency.record(7);
  b.latency.record(9);
  LoadCounts sum = counts_of(a);
  sum.add(b);
  EXPECT_EQ(sum.requests(), 3u);
  EXPECT_EQ(sum.responses(), 3u);
  EXPECT_EQ(sum.wrong_responses(), 2u);
  EXPECT_EQ(sum[Fault::own_peer], 2u);
  EXPECT_EQ(sum.latency.total(), 2u);
}

TEST(LoadCounts, PeersAndMishapsAreNoResponses) {
  LoadTally tally;
  tally.counts.add(LoadCount::peers, 30);
  tally.counts.add(LoadCount::lost);
  tally.counts.add(LoadCount::late);
  EXPECT_EQ(counts_of(tally).responses(), 0u);
  EXPECT_EQ(counts_of(tally).requests(), 0u);
}

TEST(LoadCounts, DifferenceIsTheTimeBetween) {
  LoadTally tally;
  tally.counts.add(LoadCount::lost, 3);
  tally.error_texts.add("old");
  tally.error_texts.add("both");
  const LoadCounts earlier = counts_of(tally);
  tally.counts.add(LoadCount::lost, 4);
  tally.faults.add(Fault::malformed);
  tally.error_texts.add("both");
  tally.error_texts.add("new");
  LoadCounts between = counts_of(tally);
  between -= earlier;
  EXPECT_EQ(between[LoadCount::lost], 4u);
  EXPECT_EQ(between[Fault::malformed], 1u);
  EXPECT_THAT(between.error_texts, ElementsAre(Pair("both", 1u), Pair("new", 1u)));
}

TEST(ErrorTexts, AreMadePrintable) {
  ErrorTexts texts;
  texts.add("\x1b[31mred\n\xff");
  std::map<std::string, std::uint64_t> counts;
  texts.add_to(counts);
  EXPECT_THAT(counts, ElementsAre(Pair("?[31mred??", 1u)));
}

TEST(ErrorTexts, AreLimitedInNumberAndLength) {
  ErrorTexts texts;
  for (int i = 0; i < 1000; ++i) texts.add(std::to_string(i) + std::string(1000, 'x'));
  std::map<std::string, std::uint64_t> counts;
  texts.add_to(counts);
  EXPECT_EQ(counts.size(), ErrorTexts::kMaxTexts + 1);
  EXPECT_EQ(counts[std::string(ErrorTexts::kOther)], 1000 - ErrorTexts::kMaxTexts);
  for (const auto& [text, count] : counts) EXPECT_LE(text.size(), 100u);
}

TEST(LoadCount, EveryKindHasItsName) {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(LoadCount::count); ++i) {
    names.insert(name_of(static_cast<LoadCount>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(LoadCount::count));
}

}  // namespace
}  // namespace aquatic::load_test
