// SPDX-License-Identifier: Apache-2.0
#include "process/system_error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <stdexcept>

namespace aquatic::process {
namespace {

TEST(SystemError, SaysWhatFailedAndWhy) {
  errno = ENOENT;
  try {
    checked(-1, "open");
    FAIL() << "a failure went by";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "open: No such file or directory");
  }
}

TEST(SystemError, PassesResultsThrough) { EXPECT_EQ(checked(7, "open"), 7); }

}  // namespace
}  // namespace aquatic::process
