// SPDX-License-Identifier: Apache-2.0
#include "load_test/connection_room.h"

#include <fmt/core.h>

#include <stdexcept>

#include "process/open_files.h"

namespace aquatic::load_test {
namespace {

// Beside connections: standard streams, polls, timers, and files in /proc that are looked at.
constexpr std::uint64_t kOtherFiles = 64;

}  // namespace

void make_room_for_connections(std::uint64_t connections, std::string_view settings) {
  const std::uint64_t limit = process::raise_open_file_limit();
  if (connections + kOtherFiles <= limit) return;
  throw std::runtime_error(
      fmt::format("{} connections need more than the {} open files that the process may have: "
                  "raise the hard limit (ulimit -Hn) or lower {}",
                  connections, limit, settings));
}

}  // namespace aquatic::load_test
