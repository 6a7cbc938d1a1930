// SPDX-License-Identifier: Apache-2.0
// What benchmarks have in common: time of the processor, memory, and a median with its spread.
#pragma once
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace aquatic::bench {

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
inline constexpr bool kIsRelease = true;
#else
inline constexpr bool kIsRelease = false;
#endif

// Of this thread: what else runs takes cache from it, but not time.
inline double cpu_nanoseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "wrong result: %s\n", what);
  std::exit(1);
}

struct Spread {
  std::vector<double> values;

  void print(const char* label, const char* unit) {
    std::sort(values.begin(), values.end());
    std::printf("%-44s %9.1f %s   (%.1f to %.1f)\n", label, values[values.size() / 2], unit,
                values.front(), values.back());
  }
};

inline std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// In a process of its own, so that nothing measured before lies around.
template <class Measure>
void in_child(Measure measure) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    measure();
    std::fflush(stdout);
    std::_Exit(0);
  }
  int status = 0;
  expect(child > 0 && waitpid(child, &status, 0) == child && status == 0, "child process");
}

}  // namespace aquatic::bench
