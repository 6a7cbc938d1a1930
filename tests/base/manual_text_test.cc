// SPDX-License-Identifier: Apache-2.0
#include "base/manual_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace aquatic {
namespace {

using testing::Not;
using testing::StartsWith;

TEST(ManualProse, FillsLinesAndEndsThemWithSentences) {
  EXPECT_EQ(manual_prose("One two\nthree. Four!  (Five.) six"),
            "One two three.\nFour!\n(Five.)\nsix\n");
  EXPECT_EQ(manual_prose(""), "");
  EXPECT_EQ(manual_prose(" \n "), "");
}

TEST(ManualProse, IsNoMarkup) {
  EXPECT_EQ(manual_prose(".Nm x"), "\\&.Nm x\n");
  EXPECT_EQ(manual_prose("'x"), "\\&'x\n");
  EXPECT_EQ(manual_prose("Yes. .Nm"), "Yes.\n\\&.Nm\n");
  EXPECT_EQ(manual_prose("a \\fB"), "a \\efB\n");
}

TEST(ManualProse, KeepsTheDashesOfOptions) {
  EXPECT_EQ(manual_prose("--check (-c) re-read -1 \"-p\""),
            "\\-\\-check (\\-c) re-read \\-1 \"\\-p\"\n");
}

RC_GTEST_PROP(ManualProse, HasNoLongOrRequestingLine, (const std::vector<std::uint8_t>& lengths)) {
  std::string text;
  for (const std::uint8_t length : lengths) {
    text += (length % 3 == 0 ? "." : "") + std::string(length % 40u, 'a') + " ";
  }
  std::string lines = manual_prose(text);
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    RC_ASSERT(end != lines.npos && end > 0 && end < 80);
    RC_ASSERT(lines.front() != '.');
    lines.erase(0, end + 1);
  }
}

TEST(ManualArgument, IsOneArgumentWithEverySign) {
  EXPECT_EQ(manual_argument("a b"), "\"\\&a b\\&\"");
  EXPECT_EQ(manual_argument("\"x\""), "\"\\&\\(dqx\\(dq\\&\"");
  EXPECT_EQ(manual_argument("-1"), "\"\\&\\-1\\&\"");
  EXPECT_EQ(manual_argument("'`^~\\"), "\"\\&\\(aq\\(ga\\(ha\\(ti\\e\\&\"");
}

}  // namespace
}  // namespace aquatic
