// SPDX-License-Identifier: Apache-2.0
// The owner of an open file descriptor: closes it in the end.
#pragma once
#include <unistd.h>

#include <utility>

namespace aquatic::net {

class FileDescriptor {
 public:
  FileDescriptor() noexcept = default;
  // Takes `fd` over; negative is none.
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, kNone)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    FileDescriptor old(std::exchange(fd_, std::exchange(other.fd_, kNone)));
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }

  bool is_open() const noexcept { return fd_ >= 0; }
  int get() const noexcept { return fd_; }
  void reset() noexcept { *this = FileDescriptor(); }

 private:
  static constexpr int kNone = -1;
  int fd_ = kNone;
};

}  // namespace aquatic::net
