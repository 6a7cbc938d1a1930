// SPDX-License-Identifier: Apache-2.0
// Which of its programs the executable is to be, and how every program ends.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/command_line.h"
#include "process/manual.h"

namespace aquatic::process {

// A program of the executable.
struct Entry {
  std::string_view words;    // The arguments that pick it: "load-test udp".
  std::string_view link;     // The name of a link to the executable that picks it, if there is one.
  std::string_view summary;  // What it does.
  // Runs it; returning is success, an exception a failure. Not called for help and version.
  void (*run)(const CommandLine&);
  std::span<const ManualSection> manual = {};  // What its page says besides.
};

// Runs the program that the name of the executable, or else the first arguments, pick; without
// any, the first of `entries`. Returns the exit status: 0 after success; 1 after an exception,
// which is printed to stderr; 2 if the arguments make no sense.
int dispatch(std::span<const Entry> entries, const std::vector<std::string>& command) noexcept;

// Of this program: "0.1.0".
std::string_view version() noexcept;

// Writes to stdout. Throws std::runtime_error if that fails, as when a disk is full.
void print(std::string_view text);

}  // namespace aquatic::process
