// SPDX-License-Identifier: Apache-2.0
// As long as it lives, this process can open no file more than are open now.
#pragma once
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file_descriptor.h"

namespace aquatic::test {

class FileLimit {
 public:
  FileLimit() {
    CHECK(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const FileDescriptor next(dup(STDOUT_FILENO));  // The system takes the lowest that is free.
    const rlimit limit{.rlim_cur = static_cast<rlim_t>(next.get()), .rlim_max = before_.rlim_max};
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  ~FileLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace aquatic::test
