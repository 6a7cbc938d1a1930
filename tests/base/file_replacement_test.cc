// SPDX-License-Identifier: Apache-2.0
#include "base/file_replacement.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/file.h"
#include "tests/support/scratch_folder.h"

namespace aquatic {
namespace {

std::string read(const std::string& path) { return read_file(path, 1 << 20); }

template <class Do>
std::string error_of(Do act) {
  try {
    act();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(FileReplacement, TakesThePlaceOnceItIsComplete) {
  const test::ScratchFolder folder;
  const std::string path = folder.write("file", "old");
  FileReplacement file(path);
  file.append("new ");
  file.append(std::string(100'000, 'x'));
  file.sync();
  EXPECT_EQ(read(path), "old");
  file.commit();
  EXPECT_EQ(read(path), "new " + std::string(100'000, 'x'));
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST(FileReplacement, WhatIsGivenUpLeavesTheOldOne) {
  const test::ScratchFolder folder;
  const std::string path = folder.write("file", "old");
  folder.write("file.tmp", "of an attempt that was longer");
  {
    FileReplacement file(path);
    file.append("part");
    EXPECT_EQ(read(path + ".tmp"), "part");
  }
  EXPECT_EQ(read(path), "old");
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST(FileReplacement, NamesFileAndReason) {
  EXPECT_EQ(error_of([] { FileReplacement("/nonexistent/file"); }),
            "cannot write /nonexistent/file: No such file or directory");
  const test::ScratchFolder folder;
  std::filesystem::create_directory(folder.path("file"));
  EXPECT_EQ(error_of([&] { FileReplacement(folder.path("file")).commit(); }),
            "cannot write " + folder.path("file") + ": Is a directory");
}

TEST(FileReplacement, FollowsNoLink) {
  const test::ScratchFolder folder;
  const std::string victim = folder.write("victim", "precious");
  std::filesystem::create_symlink(victim, folder.path("file.tmp"));
  EXPECT_NE(error_of([&] { FileReplacement(folder.path("file")); }), "");
  EXPECT_EQ(read(victim), "precious");
}

}  // namespace
}  // namespace aquatic
