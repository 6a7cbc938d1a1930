// SPDX-License-Identifier: Apache-2.0
// A machine that is what a test says, for checks of it and of the settings.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "server/doctor/finding.h"
#include "server/doctor/machine.h"
#include "server/run/run_config.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::test {

using server::Finding;
using server::Findings;
using server::Machine;
using server::RunConfig;

// A machine with nothing but what a test writes.
class FakeMachine final : public Machine {
 public:
  explicit FakeMachine(const std::string& root) : Machine(root) {}

  std::uint64_t max_open_files() const override { return open_files; }
  std::chrono::system_clock::time_point now() const override { return time; }
  bool is_clock_kept() const override { return keeps_clock; }
  int io_uring_error() const override { return uring_error; }

  std::uint64_t open_files = UINT64_MAX;
  // A little later, so that certificates which a test makes are good already.
  std::chrono::system_clock::time_point time =
      std::chrono::system_clock::now() + std::chrono::hours(1);
  bool keeps_clock = true;
  int uring_error = 0;
};

inline auto finding(Finding::Severity severity, const std::string& what,
                    const std::string& remedy) {
  return testing::AllOf(testing::Field(&Finding::severity, severity),
                        testing::Field(&Finding::what, testing::HasSubstr(what)),
                        testing::Field(&Finding::remedy, testing::HasSubstr(remedy)));
}

class DoctorTest : public testing::Test {
 protected:
  using Check = void (*)(const RunConfig&, const Machine&, Findings&);

  DoctorTest() {
    config_.network.use_ipv6 = false;
    config_.network.address_ipv4 = "127.0.0.1:0";
    config_.metrics.run_prometheus_endpoint = false;
  }

  void write(const std::string& path, std::string_view text) {
    const std::filesystem::path file = folder_.path() + path;
    std::filesystem::create_directories(file.parent_path());
    folder_.write(path.substr(1), text);
  }
  Findings findings_of(Check check) {
    Findings findings;
    check(config_, machine_, findings);
    return findings;
  }

  const ScratchFolder folder_;
  FakeMachine machine_{folder_.path()};
  RunConfig config_;
};

}  // namespace aquatic::test
