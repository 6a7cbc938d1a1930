// SPDX-License-Identifier: Apache-2.0
#include "base/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace aquatic {
namespace {

TEST(Environment, AVariableIsTakenOnce) {
  for (const char* value : {"some value", ""}) {
    setenv("AQUATIC_TEST_VARIABLE", value, 1);
    EXPECT_EQ(take_variable("AQUATIC_TEST_VARIABLE"), value);
    EXPECT_EQ(std::getenv("AQUATIC_TEST_VARIABLE"), nullptr);
    EXPECT_EQ(take_variable("AQUATIC_TEST_VARIABLE"), std::nullopt);
  }
}

}  // namespace
}  // namespace aquatic
