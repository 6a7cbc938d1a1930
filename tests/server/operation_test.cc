// SPDX-License-Identifier: Apache-2.0
#include "server/operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/process/manager_socket.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// Notes what it is told; in its ticks the process gets SIGUSR1, then SIGTERM.
class NotingService final : public Service {
 public:
  explicit NotingService(std::vector<std::string>& notes) : notes_(notes) {}

  void start(process::Workers& threads) override {
    notes_.push_back("start");
    threads.start("test", [](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
  }
  std::string urls() const override { return "test://here\n"; }
  void tick() override { kill(getpid(), ++tick_count_ == 1 ? SIGUSR1 : SIGTERM); }
  void reload_files() override {
    notes_.push_back("reload files");
    if (!file_fault.empty()) throw std::runtime_error(file_fault);
  }
  void collect(Figures&) const override {}
  std::string report(std::chrono::steady_clock::time_point) override { return "a report\n"; }

  std::string file_fault;  // None if empty.

 private:
  std::vector<std::string>& notes_;
  int tick_count_ = 0;
};

TEST(Operation, StartsReloadsReportsAndStops) {
  std::vector<std::string> notes;
  Operation operation({.swarm = {.shard_count = 1}},
                      {.report_interval_s = 1, .prints_report = true});
  operation.add(std::make_unique<NotingService>(notes));
  testing::internal::CaptureStdout();
  operation.run([&notes] { notes.push_back("reload settings"); });
  const std::string output = testing::internal::GetCapturedStdout();
  EXPECT_THAT(notes, ElementsAre("start", "reload settings", "reload files"));
  EXPECT_THAT(output, testing::StartsWith("test://here\n"));
  EXPECT_THAT(output, HasSubstr("access list entries: 0\na report\n"));
}

TEST(Operation, ReadsTheAccessListThatTheSettingsNameNow) {
  const test::ScratchFolder folder;
  folder.write("first.txt", std::string(40, '1') + "\n");
  folder.write("second.txt", std::string(40, '1') + "\n" + std::string(40, '2') + "\n");
  const auto options_of = [&](const std::string& file) {
    return TrackerOptions{.access_list_mode = access_list::Mode::deny,
                          .access_list_path = folder.path(file),
                          .swarm = {.shard_count = 1}};
  };
  std::vector<std::string> notes;
  Operation operation(options_of("first.txt"), {});
  operation.add(std::make_unique<NotingService>(notes));
  EXPECT_EQ(operation.tracker().access_list().current()->size(), 1u);
  testing::internal::CaptureStdout();
  operation.run([&] { operation.set_options(options_of("second.txt"), {}); });
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(operation.tracker().access_list().current()->size(), 2u);
}

// Whatever is wrong with a file, the others are read; the service manager is told of each.
TEST(Operation, ABadFileKeepsNoOther) {
  const test::ScratchFolder folder;
  process::ManagerSocket manager(folder.path("notify"));
  std::vector<std::string> notes;
  Operation operation({.swarm = {.shard_count = 1}}, {});
  operation.add(std::make_unique<NotingService>(notes)).file_fault = "bad key";
  testing::internal::CaptureStdout();
  operation.run([&] {
    operation.set_options({.access_list_mode = access_list::Mode::deny,
                           .access_list_path = folder.path("none.txt"),
                           .swarm = {.shard_count = 1}},
                          {});
    throw std::runtime_error("bad line");
  });
  testing::internal::GetCapturedStdout();
  EXPECT_THAT(notes, ElementsAre("start", "reload files"));
  EXPECT_THAT(
      manager.take_all(),
      Contains(AllOf(HasSubstr("READY=1\nSTATUS=serving; at the last reload: the settings stay as "
                               "they were: bad line; the access list stays as it was: "),
                     HasSubstr("; certificate and key stay as they were: bad key"))));
}

}  // namespace
}  // namespace aquatic::server
