// SPDX-License-Identifier: Apache-2.0
#include "config/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/example.h"

namespace aquatic::config {
namespace {

using example::Config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Changes changes_of(Config& in_force, Config& fresh, std::vector<std::string_view> fixed = {}) {
  return adopt(describe(in_force), describe(fresh), fixed);
}

TEST(Changes, AreNoneBetweenTheSame) {
  Config in_force;
  Config fresh;
  const Changes changes = changes_of(in_force, fresh);
  EXPECT_THAT(changes.adopted, IsEmpty());
  EXPECT_THAT(changes.put_off, IsEmpty());
}

TEST(Changes, NameWhatIsNewAndWhatItWas) {
  Config in_force;
  Config fresh;
  fresh.workers = 5;
  fresh.network.colour = example::Colour::blue;
  EXPECT_THAT(
      changes_of(in_force, fresh).adopted,
      ElementsAre("workers is 5 now, after 4", "network.colour is \"blue\" now, after \"red\""));
  EXPECT_EQ(fresh.workers, 5u);
}

TEST(Changes, PutOffWhatOnlyARestartCanDo) {
  Config in_force;
  Config fresh;
  fresh.workers = 5;
  fresh.network.ring_size = 7;
  fresh.files.path = "other";
  const Changes changes = changes_of(in_force, fresh, {"network.ring_size", "files"});
  EXPECT_THAT(changes.adopted, ElementsAre(HasSubstr("workers")));
  EXPECT_THAT(changes.put_off, ElementsAre("network.ring_size stays 128: a restart makes it 7",
                                           HasSubstr("files.path stays")));
  EXPECT_EQ(fresh.network.ring_size, 128);
  EXPECT_EQ(fresh.files.path, Config().files.path);
}

TEST(Changes, DoNotShowSecrets) {
  Config in_force;
  Config fresh;
  const std::string secret(64, 'a');
  for (Section& section : describe(fresh)) {
    for (Setting& setting : section.settings) {
      if (setting.is_secret) {
        ASSERT_TRUE(setting.assign(secret));
      }
    }
  }
  EXPECT_THAT(changes_of(in_force, fresh).adopted, ElementsAre(Not(HasSubstr("aaaa"))));
}

}  // namespace
}  // namespace aquatic::config
