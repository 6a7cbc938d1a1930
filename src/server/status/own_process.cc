// SPDX-License-Identifier: Apache-2.0
#include "server/status/own_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/file.h"

namespace aquatic::server {
namespace {

// /proc/stat has a line for each CPU, and a number for each interrupt.
constexpr std::size_t kMaxProcFileBytes = 1 << 20;

// The number at the start of `text`, which becomes what follows it and a space.
std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return std::nullopt;
  text = std::string_view(rest, static_cast<std::size_t>(end - rest));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return number;
}

// proc(5): field 22 of /proc/PID/stat, in ticks since the machine booted. The second field is a
// name in parentheses, which may have anything in it.
std::optional<std::uint64_t> start_ticks() {
  constexpr int kSpacesBefore = 20;  // Between the name's end and the field.
  const std::string stat = read_file("/proc/self/stat", kMaxProcFileBytes);
  std::size_t at = stat.rfind(')');
  for (int i = 0; i < kSpacesBefore && at != std::string::npos; ++i) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  std::string_view field = std::string_view(stat).substr(at + 1);
  return take_number(field);
}

std::optional<std::uint64_t> boot_unix_time_s() {
  constexpr std::string_view kLine = "\nbtime ";
  const std::string stat = read_file("/proc/stat", kMaxProcFileBytes);
  const std::size_t at = stat.find(kLine);
  if (at == std::string::npos) return std::nullopt;
  std::string_view field = std::string_view(stat).substr(at + kLine.size());
  return take_number(field);
}

std::optional<double> start_unix_time_s() {
  try {
    const auto ticks = start_ticks();
    const auto boot_s = boot_unix_time_s();
    if (!ticks || !boot_s) return std::nullopt;
    const auto ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
    return static_cast<double>(*boot_s) + static_cast<double>(*ticks) / ticks_per_s;
  } catch (const std::runtime_error&) {
    return std::nullopt;  // No /proc.
  }
}

// proc(5): the first two fields of /proc/PID/statm are all pages and the resident ones.
bool read_sizes(int fd, ProcessFigures& figures) noexcept {
  std::array<char, 128> buffer;  // Seven numbers.
  const ssize_t length = pread(fd, buffer.data(), buffer.size(), 0);
  if (length <= 0) return false;
  std::string_view text(buffer.data(), static_cast<std::size_t>(length));
  const auto all = take_number(text);
  const auto resident = take_number(text);
  if (!all || !resident) return false;
  const auto page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  figures.virtual_bytes = *all * page_bytes;
  figures.resident_bytes = *resident * page_bytes;
  return true;
}

// Since Linux 6.2 the folder's size is what is looked for; walking through 50,000 connections each
// second would be seen in the statistics.
std::uint64_t count_open_fds(DIR* folder) noexcept {
  struct stat status{};
  if (fstat(dirfd(folder), &status) == 0 && status.st_size > 0) {
    return static_cast<std::uint64_t>(status.st_size);
  }
  std::uint64_t count = 0;
  rewinddir(folder);
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

}  // namespace

OwnProcess::OwnProcess()
    : start_unix_time_s_(start_unix_time_s()),
      sizes_(open("/proc/self/statm", O_RDONLY | O_CLOEXEC)),
      open_fds_(opendir("/proc/self/fd")) {}

std::optional<ProcessFigures> OwnProcess::figures() const noexcept {
  ProcessFigures figures;
  timespec cpu{};
  rlimit fds{};
  if (!start_unix_time_s_ || !open_fds_ || !read_sizes(sizes_.get(), figures) ||
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) != 0 || getrlimit(RLIMIT_NOFILE, &fds) != 0) {
    return std::nullopt;
  }
  figures.start_unix_time_s = *start_unix_time_s_;
  figures.cpu_s = static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9;
  figures.open_fds = count_open_fds(open_fds_.get());
  figures.max_fds = fds.rlim_cur;
  return figures;
}

}  // namespace aquatic::server
