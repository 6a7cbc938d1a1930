// SPDX-License-Identifier: Apache-2.0
// The options that every program takes.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace aquatic::process {

struct CommandLine {
  enum class Action : std::uint8_t {
    run,
    check,
    print_defaults,
    print_reference,
    print_manual,
    version,
    help
  };
  // An option as the manual has it.
  struct Option {
    std::vector<std::string> names;  // "-c", "--config".
    std::string argument;            // "FILE", or nothing.
    std::string doc;
  };

  std::string program = {};  // As it was called: "aquatic udp".
  Action action = Action::run;
  bool prints_settings = false;                 // Before it runs.
  std::optional<std::string> config_path = {};  // The last one given.
  std::string help = {};                        // What to show for Action::help.
  std::vector<Option> options = {};             // Those that `help` shows.
};

// The command line cannot be understood; what() says why.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Empty arguments count for nothing. Of several actions the one that does least wins: help before
// version before printing before checking before running. Throws UsageError.
CommandLine parse_command_line(const std::string& program, const std::string& summary,
                               const std::vector<std::string>& arguments);

}  // namespace aquatic::process
