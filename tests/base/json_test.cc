// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

namespace aquatic {
namespace {

TEST(EscapeJson, LeavesPlainTextAlone) {
  EXPECT_EQ(escape_json(""), "");
  EXPECT_EQ(escape_json("port 3000, caf\xc3\xa9"), "port 3000, caf\xc3\xa9");
}

TEST(EscapeJson, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(escape_json(R"(a "b" \c)"), R"(a \"b\" \\c)");
}

TEST(EscapeJson, EscapesControls) {
  using namespace std::string_view_literals;
  EXPECT_EQ(escape_json("\0\n\x1f"sv), R"(\u0000\u000a\u001f)");
}

}  // namespace
}  // namespace aquatic
