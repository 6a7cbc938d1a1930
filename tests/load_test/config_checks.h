// SPDX-License-Identifier: Apache-2.0
// What the tests of all load testers' settings do with them.
#pragma once
#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "config/print.h"

namespace aquatic::load_test {

// The notes of a file that is fit for use.
template <class Config>
std::vector<std::string> load(std::string_view toml, Config& config) {
  return config::load_toml(toml, "test.toml", config::describe(config), old_keys(config));
}

template <class Config>
void expect_defaults(const Config& config) {
  EXPECT_EQ(config::to_toml(config, config::Comments::without),
            config::to_toml(Config{}, config::Comments::without));
}

template <class Config>
void expect_to_survive_being_printed_and_loaded(Config config) {
  EXPECT_THAT(load(config::to_toml(config, config::Comments::with), config), testing::IsEmpty());
  EXPECT_THAT(validate(config), testing::IsEmpty());
}

// The defaults after a change, for the reason that the sentence gives.
template <class Config, class Change>
void expect_refused(Change change, const char* sentence) {
  Config config;
  change(config);
  EXPECT_THAT([&] { validate(config); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr(sentence)));
}

}  // namespace aquatic::load_test
