// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <execinfo.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace aquatic::detail {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, condition);
  std::array<void*, 64> frames;
  const int frame_count = backtrace(frames.data(), static_cast<int>(frames.size()));
  // Writes to the descriptor without allocating: the heap may be what is broken.
  backtrace_symbols_fd(frames.data(), frame_count, STDERR_FILENO);
  std::abort();
}

}  // namespace aquatic::detail
