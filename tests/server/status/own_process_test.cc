// SPDX-License-Identifier: Apache-2.0
#include "server/status/own_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <vector>

#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

constexpr uid_t kNobody = 65534;

TEST(OwnProcess, KnowsItsSizes) {
  const auto figures = OwnProcess().figures();
  ASSERT_TRUE(figures);
  EXPECT_GT(figures->resident_bytes, 1u << 20);
  EXPECT_LT(figures->resident_bytes, figures->virtual_bytes);
  EXPECT_GT(figures->cpu_s, 0);
  EXPECT_GT(figures->max_fds, figures->open_fds);
}

TEST(OwnProcess, StartedBeforeNow) {
  const auto figures = OwnProcess().figures();
  ASSERT_TRUE(figures);
  const double now = std::chrono::duration<double>(  //
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  // The time of boot is told in whole seconds.
  EXPECT_LE(figures->start_unix_time_s, now + 1);
  EXPECT_GT(figures->start_unix_time_s, now - 3'600);
}

TEST(OwnProcess, CountsFiles) {
  const OwnProcess process;
  const auto before = process.figures();
  std::vector<FileDescriptor> files;
  for (int i = 0; i < 10; ++i) files.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto after = process.figures();
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->open_fds, before->open_fds + 10);
}

TEST(OwnProcess, NoticesWork) {
  const OwnProcess process;
  const double before = process.figures()->cpu_s;
  while (process.figures()->cpu_s < before + 0.01) {
  }
}

int figures_without_proc(const OwnProcess& process, const std::string& root) {
  if (chroot(root.c_str()) != 0 || chdir("/") != 0) return 2;
  if (setgid(kNobody) != 0 || setuid(kNobody) != 0) return 3;
  if (OwnProcess().figures()) return 4;  // There is no /proc here.
  const auto figures = process.figures();
  return figures && figures->resident_bytes > 0 && figures->open_fds > 0 ? 0 : 1;
}

TEST(OwnProcess, KnowsThemInAnotherRootDirectory) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const test::ScratchFolder root;
  EXPECT_EXIT(_exit(figures_without_proc(OwnProcess(), root.path())), testing::ExitedWithCode(0),
              "");
}

}  // namespace
}  // namespace aquatic::server
