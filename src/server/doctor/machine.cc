// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/machine.h"

#include <sys/resource.h>
#include <sys/timex.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/file.h"
#include "net/datagram_backends.h"

namespace aquatic::server {
namespace {

// Tables of the kernel have some kilobytes.
constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::string_view kSpace = " \t";

std::optional<std::uint64_t> number_in(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    if (line.empty()) return words;
    const std::size_t end = std::min(line.find_first_of(kSpace), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

}  // namespace

Machine::Machine(std::string root) : root_(std::move(root)) {}

std::optional<std::string> Machine::read(std::string_view path) const {
  try {
    return read_file(root_ + std::string(path), kMaxFileBytes);
  } catch (const std::runtime_error&) {
    return std::nullopt;  // Not every kernel has every file.
  }
}

std::optional<std::uint64_t> Machine::number(std::string_view path) const {
  const auto text = read(path);
  return text ? number_in(*text) : std::nullopt;
}

std::optional<std::uint64_t> Machine::number_of(std::string_view path,
                                                std::string_view word) const {
  const auto text = read(path);
  if (!text) return std::nullopt;
  for (const std::string_view line : lines_of(*text)) {
    if (line.starts_with(word)) return number_in(line.substr(word.size()));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Machine::column(std::string_view path, std::string_view table,
                                             std::string_view name) const {
  const auto text = read(path);
  if (!text) return std::nullopt;
  std::vector<std::string_view> names;
  for (const std::string_view line : lines_of(*text)) {
    if (!line.starts_with(table)) continue;
    const std::vector<std::string_view> words = words_of(line);
    if (names.empty()) {
      names = words;
      continue;
    }
    const auto place = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    return place < std::min(names.size(), words.size()) ? number_in(words[place]) : std::nullopt;
  }
  return std::nullopt;
}

std::uint64_t Machine::max_open_files() const {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return UINT64_MAX;
  return limit.rlim_max;
}

std::chrono::system_clock::time_point Machine::now() const {
  return std::chrono::system_clock::now();
}

bool Machine::is_clock_kept() const {
  timex state{};
  return adjtimex(&state) != TIME_ERROR;
}

int Machine::io_uring_error() const { return net::io_uring_error(); }

}  // namespace aquatic::server
