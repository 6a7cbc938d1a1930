// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/config/example.h"

namespace aquatic::config {
namespace {

using example::Colour;
using example::Config;
using testing::ElementsAre;

Setting find(const Sections& sections, std::string_view section, std::string_view name) {
  for (const Section& candidate : sections) {
    if (candidate.name != section) continue;
    for (const Setting& setting : candidate.settings) {
      if (setting.name == name) return setting;
    }
  }
  ADD_FAILURE() << "no setting " << name;
  return {};
}

TEST(Declare, MakesAPlainStructWithDefaults) {
  static_assert(std::is_aggregate_v<Config> && std::is_copy_constructible_v<Config>);
  const Config config{.workers = 2, .network = {.ring_size = 9}};
  EXPECT_EQ(config.workers, 2u);
  EXPECT_EQ(config.network.ring_size, 9);
  EXPECT_EQ(config.network.address_ipv6.port, 3000);
  EXPECT_EQ(config.network.colour, Colour::red);
  EXPECT_EQ(config.limit, 7u);
}

TEST(Describe, KeepsSectionsAndOrder) {
  Config config;
  std::vector<std::string> names;
  for (const Section& section : describe(config)) {
    for (const Setting& setting : section.settings) {
      names.push_back(std::string(section.name) + "." + std::string(setting.name));
    }
  }
  EXPECT_THAT(
      names, ElementsAre(".workers", ".ratio", ".limit", "network.use_ipv4", "network.address_ipv4",
                         "network.address_ipv6", "network.server_address", "network.ring_size",
                         "network.peers_wanted", "network.colour", "files.path", "files.secret"));
}

TEST(Describe, TellsValuesAndForms) {
  Config config{.network = {.ring_size = 9}};
  const Setting setting = find(describe(config), "network", "ring_size");
  EXPECT_EQ(setting.value, Scalar(std::int64_t{9}));
  EXPECT_EQ(setting.form, "a whole number from 1 to 1024");
  EXPECT_EQ(setting.doc, "Entries.");
  EXPECT_EQ(find(describe(config), "", "limit").form,
            "a whole number from 0 to 9223372036854775807");
  EXPECT_EQ(find(describe(config), "network", "peers_wanted").form,
            "a whole number from -2147483648 to 2147483647");
  EXPECT_TRUE(find(describe(config), "files", "secret").is_secret);
}

TEST(Describe, AssignsWithinLimitsOnly) {
  Config config;
  const Setting ring_size = find(describe(config), "network", "ring_size");
  EXPECT_TRUE(ring_size.assign(std::int64_t{1}));
  EXPECT_TRUE(ring_size.assign(std::int64_t{1024}));
  EXPECT_FALSE(ring_size.assign(std::int64_t{0}));
  EXPECT_FALSE(ring_size.assign(std::int64_t{1025}));
  EXPECT_FALSE(ring_size.assign(std::int64_t{65'537})) << "it must not wrap round to 1";
  EXPECT_EQ(config.network.ring_size, 1024);
  const Setting ratio = find(describe(config), "", "ratio");
  EXPECT_FALSE(ratio.assign(std::nan("")));
  EXPECT_FALSE(ratio.assign(1.01));
  EXPECT_EQ(config.ratio, 0.5);
}

}  // namespace
}  // namespace aquatic::config
