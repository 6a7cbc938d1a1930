// SPDX-License-Identifier: Apache-2.0
#include "process/entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <stdexcept>

#include "tests/process/fork.h"

namespace aquatic::process {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

void fail(const CommandLine&) { throw std::runtime_error("a.toml:1:1: bad\na.toml:2:1: worse"); }
void fail_strangely(const CommandLine&) { throw 1; }

template <int kProgram>
void tell(const CommandLine& line) {
  print(std::to_string(kProgram) + "|" + line.program + "|" + line.config_path.value_or("none"));
}

const std::vector<Entry> kEntries = {
    {"run", "", "everything", tell<0>},
    {"udp", "aquatic_udp", "UDP tracker", tell<1>},
    {"load-test udp", "aquatic_udp_load_test", "UDP load", tell<2>},
    {"fail", "", "fails", fail},
};

struct Outcome {
  int status;
  std::string out;
  std::string error;
};

Outcome run(const std::vector<std::string>& command) {
  CaptureStdout();
  CaptureStderr();
  const int status = dispatch(kEntries, command);
  const std::string out = GetCapturedStdout();
  return {status, out, GetCapturedStderr()};
}

TEST(Dispatch, PicksByTheFirstArguments) {
  EXPECT_EQ(run({"aquatic", "udp", "-c", "a"}).out, "1|aquatic udp|a");
  EXPECT_EQ(run({"/usr/bin/aquatic", "load-test", "udp"}).out, "2|aquatic load-test udp|none");
  EXPECT_EQ(run({"aquatic", "", "udp", ""}).out, "1|aquatic udp|none");
}

TEST(Dispatch, PicksByTheNameOfTheExecutable) {
  EXPECT_EQ(run({"/usr/bin/aquatic_udp", "-c", "a"}).out, "1|aquatic_udp|a");
  EXPECT_EQ(run({"aquatic_udp_load_test"}).out, "2|aquatic_udp_load_test|none");
}

TEST(Dispatch, RunsTheFirstProgramUnlessToldOtherwise) {
  EXPECT_EQ(run({"aquatic"}).out, "0|aquatic|none");
  EXPECT_EQ(run({"aquatic", "-c", "a"}).out, "0|aquatic|a");
  EXPECT_EQ(run({"aquatic", "run"}).out, "0|aquatic run|none");
  EXPECT_EQ(run({}).out, "0|aquatic|none");
}

TEST(Dispatch, ListsWhatThereIsForAnUnknownProgram) {
  const Outcome outcome = run({"aquatic", "http"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.error, HasSubstr("there is no program `http`"));
  EXPECT_THAT(outcome.error, HasSubstr("aquatic load-test udp"));
  EXPECT_EQ(run({"aquatic", "load-test"}).status, 2);
}

TEST(Dispatch, EndsWithTwoAfterBadUsage) {
  const Outcome outcome = run({"aquatic_udp", "--frobnicate"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.error, HasSubstr("--frobnicate"));
  EXPECT_THAT(outcome.error, HasSubstr("aquatic_udp --help"));
}

TEST(Dispatch, EndsWithOneAfterAFailure) {
  const Outcome outcome = run({"aquatic", "fail"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.error, "error: a.toml:1:1: bad\nerror: a.toml:2:1: worse\n");
}

TEST(Dispatch, EndsWithOneWhateverIsThrown) {
  const std::vector<Entry> entries = {{"run", "", "", fail_strangely}};
  CaptureStderr();
  EXPECT_EQ(dispatch(entries, {"aquatic"}), 1);
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("error: "));
}

TEST(Dispatch, HelpsAndTellsItsVersion) {
  const Outcome help = run({"aquatic", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("--check"));
  EXPECT_THAT(help.out, HasSubstr("aquatic load-test udp"));
  EXPECT_THAT(run({"aquatic_udp", "-h"}).out, HasSubstr("UDP tracker"));
  EXPECT_THAT(run({"aquatic", "udp", "-v"}).out, testing::StartsWith("aquatic "));
}

TEST(Dispatch, PrintsTheReferenceOfEachProgramOnce) {
  const std::string out = run({"aquatic", "--print-reference"}).out;
  EXPECT_THAT(out, HasSubstr("# Configuration"));
  EXPECT_THAT(out, HasSubstr("0|aquatic|none\n1|aquatic_udp|none\n2|aquatic_udp_load_test|none"));
  EXPECT_EQ(out.find("3|"), out.npos);
}

TEST(Dispatch, PrintsThePageOfAProgram) {
  const std::string page = run({"aquatic", "udp", "--print-manual"}).out;
  EXPECT_EQ(run({"/usr/bin/aquatic_udp", "--print-manual"}).out, page);
  EXPECT_THAT(page, HasSubstr(".Nm aquatic_udp\n.Nd UDP tracker\n"));
  EXPECT_THAT(page, HasSubstr("1|aquatic_udp|none.Sh EXIT STATUS"));
  EXPECT_THAT(page, HasSubstr(".Sh SEE ALSO\n.Xr aquatic 1 ,\n.Xr aquatic_udp_load_test 1\n"));
  EXPECT_THAT(page, Not(HasSubstr("PROGRAMS")));
}

TEST(Dispatch, PrintsThePageOfTheWhole) {
  const std::string page = run({"aquatic", "--print-manual"}).out;
  EXPECT_THAT(page, HasSubstr(".Nm aquatic\n.Nd everything\n"));
  EXPECT_THAT(page, HasSubstr(".Sh PROGRAMS\n"));
  EXPECT_THAT(page, HasSubstr("load\\-test udp"));
  EXPECT_THAT(page, HasSubstr("0|aquatic|none"));
  EXPECT_THAT(page, HasSubstr(".Xr aquatic_udp 1 ,\n"));
}

TEST(Print, FailsWhenTheDiskIsFull) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "there is no /dev/full";
  EXPECT_EQ(run_in_child([] {
              if (!std::freopen("/dev/full", "w", stdout)) return 1;
              print("text");
              return 0;
            }),
            kThrew);
}

}  // namespace
}  // namespace aquatic::process
