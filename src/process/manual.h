// SPDX-License-Identifier: Apache-2.0
// Pages of the manual, in the language mdoc(7): what surrounds the settings of a program.
#pragma once
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/command_line.h"

namespace aquatic::process {

struct ManualItem {
  std::string_view term;
  std::string_view meaning;
};

// What a program has to say besides options and settings: SIGNALS, FILES.
struct ManualSection {
  std::string_view title;
  std::span<const ManualItem> items;
};

struct ManualPage {
  std::string_view name;         // "aquatic_udp"
  std::string_view summary;      // "A BitTorrent tracker over UDP"
  std::string_view description;  // Sentences.
  std::span<const CommandLine::Option> options;
  std::span<const ManualItem> programs;  // Those that arguments pick; none where there is one.
  std::span<const ManualSection> sections;
  std::vector<std::string_view> related;  // Other pages of section 1.
};

// What comes before the settings. `date` is when the page was written.
std::string manual_head(const ManualPage& page, std::time_t date);
// What comes behind them.
std::string manual_tail(const ManualPage& page);

// Now, or when SOURCE_DATE_EPOCH says that it is, so that builds can be repeated.
std::time_t manual_date();

}  // namespace aquatic::process
