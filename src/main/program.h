// SPDX-License-Identifier: Apache-2.0
// What all programs do with their command line and settings, written once.
#pragma once
#include <concepts>
#include <string>
#include <utility>

#include "base/log.h"
#include "config/load.h"
#include "config/print.h"
#include "config/source.h"
#include "process/command_line.h"
#include "process/entry.h"

namespace aquatic {

// For programs whose settings name nothing that could be looked at.
template <class Config>
void check_nothing(const Config&) {}

// Prints, checks or runs a program with settings of type Config, beside which stand the functions
// that config/settings.h names. `kRun` gets the settings and, if it can use it, their source.
// `kCheck` looks at what the settings name, such as files, and may be left out.
template <class Config, auto kRun, void (*kCheck)(const Config&) = check_nothing<Config>>
void run_program(const process::CommandLine& line) {
  using Action = process::CommandLine::Action;
  Config config;
  if (line.action == Action::print_defaults) {
    return process::print(to_toml(config::describe(config), config::Comments::with));
  }
  if (line.action == Action::print_reference) {
    return process::print(to_markdown(line.program, config::describe(config)));
  }
  if (line.action == Action::print_manual) {
    return process::print(to_manual(config::describe(config)));
  }
  const config::Source<Config> source(line.config_path);
  auto loaded = source.load();
  config = std::move(loaded.config);
  // A check tells everything, whatever the file says about logging.
  if (line.action != Action::check) log::configure(config.log_level, config.log_format);
  for (const std::string& note : loaded.notes) log::warn("{}", note);
  if (line.action == Action::check) {
    kCheck(config);
    return process::print("The settings are fine.\n");
  }
  if (line.prints_settings) {
    process::print("# Settings in force\n" +
                   to_toml(config::describe(config), config::Comments::without) + "\n");
  }
  if constexpr (std::invocable<decltype(kRun), const Config&, const config::Source<Config>&>) {
    kRun(config, source);
  } else {
    kRun(config);
  }
}

}  // namespace aquatic
