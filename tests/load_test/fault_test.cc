// SPDX-License-Identifier: Apache-2.0
#include "load_test/fault.h"

#include <gtest/gtest.h>

#include <set>

namespace aquatic::load_test {
namespace {

TEST(Fault, EveryKindHasItsName) {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(Fault::count); ++i) {
    names.insert(name_of(static_cast<Fault>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Fault::count));
}

}  // namespace
}  // namespace aquatic::load_test
