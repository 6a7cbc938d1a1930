// SPDX-License-Identifier: Apache-2.0
#include "process/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::process {
namespace {

using Action = CommandLine::Action;
using testing::HasSubstr;
using testing::Not;

CommandLine parse(const std::vector<std::string>& arguments) {
  return parse_command_line("aquatic udp", "A tracker", arguments);
}

TEST(CommandLine, RunsOnDefaultsWithoutArguments) {
  const CommandLine line = parse({});
  EXPECT_EQ(line.action, Action::run);
  EXPECT_EQ(line.config_path, std::nullopt);
  EXPECT_FALSE(line.prints_settings);
  EXPECT_EQ(line.program, "aquatic udp");
}

TEST(CommandLine, IgnoresEmptyArguments) {
  EXPECT_EQ(parse({"", "-c", "a.toml", ""}).config_path, "a.toml");
}

TEST(CommandLine, TakesTheLastFile) {
  EXPECT_EQ(parse({"-c", "a", "--config", "b"}).config_path, "b");
  EXPECT_EQ(parse({"--config-file", "b", "-c", "a"}).config_path, "a");
  EXPECT_EQ(parse({"--config=c"}).config_path, "c");
}

TEST(CommandLine, KnowsEveryOption) {
  EXPECT_EQ(parse({"-p"}).action, Action::print_defaults);
  EXPECT_EQ(parse({"--print-config"}).action, Action::print_defaults);
  EXPECT_EQ(parse({"--print-reference"}).action, Action::print_reference);
  EXPECT_EQ(parse({"--print-manual"}).action, Action::print_manual);
  EXPECT_EQ(parse({"--check"}).action, Action::check);
  EXPECT_EQ(parse({"-v"}).action, Action::version);
  EXPECT_EQ(parse({"--version"}).action, Action::version);
  EXPECT_EQ(parse({"-h"}).action, Action::help);
  EXPECT_EQ(parse({"--help"}).action, Action::help);
  EXPECT_TRUE(parse({"-P"}).prints_settings);
  EXPECT_EQ(parse({"-P"}).action, Action::run);
}

TEST(CommandLine, DoesTheLeastOfWhatIsAskedFor) {
  EXPECT_EQ(parse({"-p", "-v", "-h"}).action, Action::help);
  EXPECT_EQ(parse({"-p", "-v"}).action, Action::version);
  EXPECT_EQ(parse({"--check", "-p"}).action, Action::print_defaults);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(parse({"--frobnicate"}), UsageError);
  EXPECT_THROW(parse({"file.toml"}), UsageError);
  EXPECT_THROW(parse({"-c"}), UsageError);
  EXPECT_THROW(parse({"-h", "--frobnicate"}), UsageError) << "an error comes before help";
}

TEST(CommandLine, HelpsWithTheOptionsOfAnOperator) {
  const std::string help = parse({"-h"}).help;
  EXPECT_THAT(help, HasSubstr("A tracker"));
  EXPECT_THAT(help, HasSubstr("aquatic udp"));
  for (const char* option : {"-c,", "-p,", "-P", "--check", "-v,", "-h,"}) {
    EXPECT_THAT(help, HasSubstr(option));
  }
  EXPECT_THAT(help, Not(HasSubstr("reference")));
  EXPECT_THAT(help, Not(HasSubstr("manual")));
}

TEST(CommandLine, TellsTheManualOfTheSameOptions) {
  const std::vector<CommandLine::Option> options = parse({}).options;
  ASSERT_EQ(options.size(), 6u);
  EXPECT_THAT(options[0].names, testing::ElementsAre("-c", "--config", "--config-file"));
  EXPECT_EQ(options[0].argument, "FILE");
  EXPECT_EQ(options[2].argument, "");
  EXPECT_THAT(options[2].names, testing::ElementsAre("-P"));
  EXPECT_THAT(options[2].doc, HasSubstr("in force"));
}

}  // namespace
}  // namespace aquatic::process
