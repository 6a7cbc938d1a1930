// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

#include "base/file_descriptor.h"
#include "tests/support/scratch_folder.h"

namespace aquatic {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& path, std::size_t max_bytes) {
  try {
    read_file(path, max_bytes);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(ReadFile, GivesAllBytesUpToTheLimit) {
  const std::string bytes = std::string(100'000, 'a') + '\0' + "z";
  const test::ScratchFolder folder;
  const std::string path = folder.write("file", bytes);
  EXPECT_EQ(read_file(path, bytes.size()), bytes);
  EXPECT_THAT(error_of(path, bytes.size() - 1), HasSubstr(path + " is too large"));
}

TEST(ReadFile, NamesFileAndReason) {
  EXPECT_EQ(error_of("/nonexistent/file", 1),
            "cannot read /nonexistent/file: No such file or directory");
  EXPECT_EQ(error_of("/", 1), "cannot read /: Is a directory");
}

TEST(FileDescriptor, ClosesOnceAndMoves) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  FileDescriptor moved(std::move(writing));
  EXPECT_FALSE(writing.is_open());  // NOLINT(bugprone-use-after-move): that is the question.
  moved.reset();
  char byte;
  EXPECT_EQ(read(reading.get(), &byte, 1), 0) << "the writing end is still open";
}

}  // namespace
}  // namespace aquatic
