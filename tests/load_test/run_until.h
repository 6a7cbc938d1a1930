// SPDX-License-Identifier: Apache-2.0
// Runs generators until they have counted what a test waits for.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "load_test/generator.h"

namespace aquatic::load_test::test {

// Long enough for the slowest machine under sanitizers; a test that works ends at once.
inline constexpr std::chrono::seconds kPatience{60};

using IsDone = std::function<bool(const LoadCounts&)>;

inline IsDone at_least(LoadCount what, std::uint64_t count) {
  return [=](const LoadCounts& counts) { return counts[what] >= count; };
}

inline IsDone has(Fault fault) {
  return [=](const LoadCounts& counts) { return counts[fault] > 0; };
}

inline LoadCounts sum_of(const std::vector<std::unique_ptr<Generator>>& generators) {
  LoadCounts counts;
  for (const auto& generator : generators) counts.add(generator->tally());
  return counts;
}

// Returns what they had counted when they had stopped: while they run, one count may be ahead of
// another that belongs to it.
inline LoadCounts run_until(const std::vector<std::unique_ptr<Generator>>& generators,
                            const IsDone& is_done) {
  {
    std::vector<std::jthread> threads;
    for (const auto& generator : generators) {
      threads.emplace_back([&generator](const std::stop_token& stop) { generator->run(stop); });
    }
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (!is_done(sum_of(generators)) && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  const LoadCounts counts = sum_of(generators);
  EXPECT_TRUE(is_done(counts)) << "not within " << kPatience.count() << " s";
  return counts;
}

}  // namespace aquatic::load_test::test
