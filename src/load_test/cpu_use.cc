// SPDX-License-Identifier: Apache-2.0
#include "load_test/cpu_use.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace aquatic::load_test {
namespace {

namespace fs = std::filesystem;

constexpr double kNsPerSecond = 1e9;

// One line of a socket in /proc/net/udp: "  sl: local:PORT remote:PORT st … drops".
std::uint64_t drops_in_line(const std::string& line, const std::string& port_in_hex) {
  std::istringstream words(line);
  std::string number, local, word;
  words >> number >> local;
  if (!local.ends_with(":" + port_in_hex)) return 0;
  std::string last;
  while (words >> word) last = word;
  std::uint64_t drops = 0;
  std::from_chars(last.data(), last.data() + last.size(), drops);
  return drops;
}

std::string hex_of(std::uint16_t port) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) text += kDigits[port >> shift & 15];
  return text;
}

}  // namespace

ThreadTimes read_thread_times(std::uint32_t pid) {
  ThreadTimes times;
  std::error_code error;  // Threads and processes may end while we look.
  const fs::path tasks = fs::path("/proc") / std::to_string(pid) / "task";
  for (fs::directory_iterator task(tasks, error), end; !error && task != end;
       task.increment(error)) {
    ThreadTime time;
    std::ifstream file(task->path() / "schedstat");
    if (file >> time.running_ns >> time.waiting_ns) {
      times.emplace(std::stoi(task->path().filename()), time);
    }
  }
  return times;
}

CpuUse use_between(const ThreadTimes& earlier, const ThreadTimes& later, double elapsed_s) {
  CpuUse use;
  for (const auto& [id, now] : later) {
    const auto before = earlier.find(id);
    if (before == earlier.end()) continue;
    const auto seconds = [](std::uint64_t ns) { return static_cast<double>(ns) / kNsPerSecond; };
    const double running = seconds(now.running_ns - before->second.running_ns);
    const double waiting = seconds(now.waiting_ns - before->second.waiting_ns);
    use.running_s += running;
    use.busiest_running = std::max(use.busiest_running, running / elapsed_s);
    use.busiest_ready = std::max(use.busiest_ready, (running + waiting) / elapsed_s);
  }
  return use;
}

std::uint64_t read_resident_bytes(std::uint32_t pid) {
  std::ifstream file(fs::path("/proc") / std::to_string(pid) / "statm");
  std::uint64_t all_pages = 0;
  std::uint64_t resident_pages = 0;
  file >> all_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t udp_drops_of_port(std::uint16_t port) {
  std::uint64_t drops = 0;
  for (const char* path : {"/proc/net/udp", "/proc/net/udp6"}) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) drops += drops_in_line(line, hex_of(port));
  }
  return drops;
}

}  // namespace aquatic::load_test
