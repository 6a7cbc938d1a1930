// SPDX-License-Identifier: Apache-2.0
#include "main/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch_folder.h"

namespace aquatic::example {
namespace {

#define SETTINGS_STRUCT Config
#define SETTINGS_FILE "tests/main/example.def"
#include "config/declare.inc"

using process::CommandLine;
using testing::HasSubstr;
using testing::StartsWith;
using Action = CommandLine::Action;

std::vector<std::uint32_t> g_runs;  // The workers that each run was to have.
int g_check_count = 0;

void run(const Config& config) { g_runs.push_back(config.workers); }
void check(const Config&) { ++g_check_count; }

std::vector<std::string> validate(const Config& config) {
  if (config.workers == 7) throw std::runtime_error("seven is too many");
  return {};
}

std::span<const config::OldKey> old_keys(const Config&) {
  static const std::array keys = {config::OldKey{"threads", "use workers"}};
  return keys;
}

class RunProgram : public testing::Test {
 protected:
  RunProgram() {
    g_runs.clear();
    g_check_count = 0;
  }
  ~RunProgram() override { log::configure(log::Level::warn, log::Format::text); }

  // Returns what is printed to stdout.
  std::string run_with(CommandLine line, std::string_view file = "") {
    if (!file.empty()) {
      folder_.write("config.toml", file);
      line.config_path = path_;
    }
    testing::internal::CaptureStdout();
    try {
      run_program<Config, run, check>(line);
    } catch (...) {
      testing::internal::GetCapturedStdout();
      throw;
    }
    return testing::internal::GetCapturedStdout();
  }

  const test::ScratchFolder folder_;
  const std::string path_ = folder_.path("config.toml");
};

TEST_F(RunProgram, RunsOnDefaults) {
  EXPECT_EQ(run_with({}), "");
  EXPECT_THAT(g_runs, testing::ElementsAre(1));
  EXPECT_EQ(g_check_count, 0);
}

TEST_F(RunProgram, RunsOnAFile) {
  run_with({}, "workers = 3");
  EXPECT_THAT(g_runs, testing::ElementsAre(3));
}

TEST_F(RunProgram, DoesNotRunOnABadFile) {
  EXPECT_THROW(run_with({}, "workers = 30"), config::LoadError);
  EXPECT_THROW(run_with({}, "workers = 7"), std::runtime_error);
  EXPECT_THROW(run_with({.config_path = "/nonexistent"}), std::runtime_error);
  EXPECT_THAT(g_runs, testing::IsEmpty());
}

TEST_F(RunProgram, PrintsDefaultsWithoutLookingAtTheFile) {
  const std::string printed = run_with({.action = Action::print_defaults}, "workers = 30");
  EXPECT_THAT(printed, HasSubstr("# How many.\n"));
  EXPECT_THAT(printed, HasSubstr("workers = 1\n"));
  EXPECT_THAT(g_runs, testing::IsEmpty());
}

TEST_F(RunProgram, PrintsItsReference) {
  EXPECT_THAT(run_with({.program = "example", .action = Action::print_reference}),
              StartsWith("## example\n"));
  EXPECT_THAT(g_runs, testing::IsEmpty());
}

TEST_F(RunProgram, PrintsItsPartOfTheManual) {
  EXPECT_THAT(run_with({.program = "example", .action = Action::print_manual}),
              StartsWith(".Sh SETTINGS\n"));
  EXPECT_THAT(g_runs, testing::IsEmpty());
}

TEST_F(RunProgram, PrintsWhatIsInForceAndRuns) {
  EXPECT_THAT(run_with({.prints_settings = true}, "workers = 3"), HasSubstr("\nworkers = 3\n"));
  EXPECT_THAT(g_runs, testing::ElementsAre(3));
}

TEST_F(RunProgram, ChecksWithoutRunning) {
  EXPECT_EQ(run_with({.action = Action::check}, "workers = 3"), "The settings are fine.\n");
  EXPECT_EQ(g_check_count, 1);
  EXPECT_THROW(run_with({.action = Action::check}, "workers = 7"), std::runtime_error);
  EXPECT_EQ(g_check_count, 1);
  EXPECT_THAT(g_runs, testing::IsEmpty());
}

TEST_F(RunProgram, TellsOfOldKeysAsTheFileWantsItLogged) {
  testing::internal::CaptureStderr();
  run_with({}, "log_level = \"warn\"\nlog_format = \"json\"\nthreads = 3");
  const std::string logged = testing::internal::GetCapturedStderr();
  EXPECT_THAT(logged, HasSubstr("config.toml:3:1: `threads`"));
  EXPECT_THAT(logged, StartsWith("{"));
}

}  // namespace
}  // namespace aquatic::example
