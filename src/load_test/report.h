// SPDX-License-Identifier: Apache-2.0
// What a load test tells: text for people, JSON for benches.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "load_test/load_window.h"

namespace aquatic::load_test {

// Several lines.
std::string to_text(const LoadWindow& window, std::uint64_t rate);

// One object. Wrong responses count from the start of the load test, everything else in `window`.
std::string to_json(const LoadWindow& window, const LoadSample& whole,
                    const config::Sections& settings, std::uint64_t rate);

// "min 1, p50 2, …" of counts, with a name for what they count; a line.
std::string percentiles_line(std::string_view title, std::vector<std::uint32_t> counts);

// Every kind of wrong response with how many there were, or nothing.
std::string wrong_responses_text(const LoadCounts& counts);

}  // namespace aquatic::load_test
