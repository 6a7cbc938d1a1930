// SPDX-License-Identifier: Apache-2.0
#include "process/privileges.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/process/fork.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::process {
namespace {

using testing::HasSubstr;

const LesserIdentity kNobody{.root_path = ".", .group = "nogroup", .user = "nobody"};

std::string error_of(const LesserIdentity& identity) {
  try {
    drop_privileges(identity);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

class Privileges : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root has privileges to drop";
  }
};

TEST_F(Privileges, AreGoneForGood) {
  EXPECT_EQ(run_in_child([] {
              drop_privileges(kNobody);
              if (getuid() == 0 || geteuid() == 0 || getgid() == 0 || getegid() == 0) return 1;
              if (setuid(0) == 0 || setgid(0) == 0) return 2;
              gid_t groups[2];
              if (getgroups(2, groups) != 1 || groups[0] != getgid()) return 3;
              return open("/etc/shadow", O_RDONLY) < 0 ? 0 : 4;
            }),
            0);
}

TEST_F(Privileges, IncludeTheRestOfTheFileSystem) {
  const test::ScratchFolder folder;
  folder.write("inside", "");
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0) << "nobody is to get in";
  EXPECT_EQ(run_in_child([&folder] {
              drop_privileges({.root_path = folder.path(), .group = "nogroup", .user = "nobody"});
              if (access("/inside", R_OK) != 0 || access("inside", R_OK) != 0) return 1;
              return access("/etc", F_OK) != 0 && access("/../etc", F_OK) != 0 ? 0 : 2;
            }),
            0);
}

TEST_F(Privileges, ErrorsNameWhatIsMissing) {
  EXPECT_EQ(error_of({".", "nogroup", "nobody2"}), "there is no user `nobody2` to become");
  EXPECT_EQ(error_of({".", "nogroup2", "nobody"}), "there is no group `nogroup2` to become");
  EXPECT_EQ(error_of({"/nonexistent", "nogroup", "nobody"}),
            "cannot make /nonexistent the root directory: No such file or directory");
}

TEST_F(Privileges, AreNotPassedFromRootToRoot) {
  EXPECT_THAT(error_of({".", "nogroup", "root"}), HasSubstr("is root"));
  EXPECT_THAT(error_of({".", "root", "nobody"}), HasSubstr("is root"));
}

TEST_F(Privileges, CannotBeDroppedTwice) {
  EXPECT_EQ(
      run_in_child([] {
        drop_privileges(kNobody);
        const std::string error = error_of(kNobody);
        return error.starts_with("privileges cannot be dropped: start the process as root") ? 0 : 1;
      }),
      0);
}

}  // namespace
}  // namespace aquatic::process
