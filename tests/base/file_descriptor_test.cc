// SPDX-License-Identifier: Apache-2.0
#include "base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace aquatic {
namespace {

int open_something() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST(FileDescriptorTest, ClosesInTheEnd) {
  const int raw = open_something();
  {
    const FileDescriptor fd(raw);
    EXPECT_TRUE(fd.is_open());
    EXPECT_EQ(fd.get(), raw);
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(FileDescriptorTest, MovingMovesTheDuty) {
  FileDescriptor a(open_something());
  const int raw = a.get();
  FileDescriptor b(std::move(a));
  EXPECT_EQ(b.get(), raw);
  FileDescriptor c(open_something());
  const int replaced = c.get();
  c = std::move(b);
  EXPECT_FALSE(is_open(replaced));
  EXPECT_TRUE(is_open(raw));
  FileDescriptor& same = c;
  c = std::move(same);
  EXPECT_EQ(c.get(), raw);
  c.reset();
  EXPECT_FALSE(c.is_open());
  EXPECT_FALSE(is_open(raw));
}

TEST(FileDescriptorTest, NoneIsNotClosed) {
  EXPECT_FALSE(FileDescriptor().is_open());
  EXPECT_FALSE(FileDescriptor(-1).is_open());
}

}  // namespace
}  // namespace aquatic
