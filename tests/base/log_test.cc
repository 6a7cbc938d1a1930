// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace aquatic {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

// What `write` puts on stderr.
template <class Write>
std::string captured(Write write) {
  testing::internal::CaptureStderr();
  write();
  return testing::internal::GetCapturedStderr();
}

class Log : public testing::Test {
 protected:
  ~Log() override { log::configure(log::Level::warn, log::Format::text); }
};

TEST_F(Log, WritesOneLineWithTimeLevelAndMessage) {
  log::configure(log::Level::info, log::Format::text);
  const std::string line = captured([] { log::info("{} workers on {}", 4, "port 3000"); });
  EXPECT_THAT(line, ContainsRegex("^[0-9-]{10}T[0-9:.]{12}[+-][0-9:]{5} info 4 workers on port"
                                  " 3000\n$"));
}

TEST_F(Log, LeavesOutWhatIsBelowTheLevel) {
  log::configure(log::Level::warn, log::Format::text);
  const std::string lines = captured([] {
    log::error("an error");
    log::warn("a warning");
    log::info("some info");
    log::debug("a detail");
  });
  EXPECT_THAT(lines, HasSubstr("an error"));
  EXPECT_THAT(lines, HasSubstr("a warning"));
  EXPECT_EQ(lines.find("some info"), std::string::npos);
  EXPECT_EQ(lines.find("a detail"), std::string::npos);
}

TEST_F(Log, OffWritesNothing) {
  log::configure(log::Level::off, log::Format::text);
  EXPECT_EQ(captured([] { log::error("an error"); }), "");
}

TEST_F(Log, DebugWritesEverythingToIt) {
  log::configure(log::Level::debug, log::Format::text);
  EXPECT_TRUE(log::is_enabled(log::Level::debug));
  EXPECT_FALSE(log::is_enabled(log::Level::trace));
  EXPECT_THAT(captured([] { log::debug("a detail"); }), HasSubstr("debug a detail"));
}

TEST_F(Log, JsonIsOneObjectALine) {
  log::configure(log::Level::error, log::Format::json);
  const std::string line = captured([] { log::error("port {} in use", 3000); });
  EXPECT_THAT(line, ContainsRegex("^[{]\"time\":\"[^\"]+\",\"level\":\"error\",\"message\":\"port "
                                  "3000 in use\"[}]\n$"));
}

TEST_F(Log, JsonEscapesQuotesBackslashesAndControls) {
  log::configure(log::Level::error, log::Format::json);
  const std::string line = captured([] { log::error("{}", "a\"b\\c\nd\x01 caf\xc3\xa9"); });
  EXPECT_THAT(line, HasSubstr(R"("message":"a\"b\\c\u000ad\u0001 café")"));
}

TEST_F(Log, BracesAndPercentsOfAMessageAreNotFormatted) {
  log::configure(log::Level::error, log::Format::text);
  EXPECT_THAT(captured([] { log::write(log::Level::error, "{} %v %l"); }), HasSubstr("{} %v %l"));
}

}  // namespace
}  // namespace aquatic
