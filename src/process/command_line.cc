// SPDX-License-Identifier: Apache-2.0
#include "process/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace aquatic::process {
namespace {

// Those that are not hidden.
std::vector<CommandLine::Option> options_of(const CLI::App& app) {
  std::vector<CommandLine::Option> options;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    std::vector<std::string> names;
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    options.push_back({std::move(names), option->get_type_name(), option->get_description()});
  }
  return options;
}

}  // namespace

CommandLine parse_command_line(const std::string& program, const std::string& summary,
                               const std::vector<std::string>& arguments) {
  using Action = CommandLine::Action;
  CommandLine line;
  line.program = program;
  std::string config_path;
  CLI::App app(summary, program);
  app.set_help_flag();  // Ours is a flag like the others, so that errors come first.
  const CLI::Option* config =
      app.add_option("-c,--config,--config-file", config_path,
                     "Read the settings from this file; otherwise all have their defaults")
          ->type_name("FILE")
          ->take_last();
  const auto add_flag = [&app](const std::string& names, const std::string& doc) {
    return app.add_flag(names, doc);
  };
  const CLI::Option* print_defaults =
      add_flag("-p,--print-config", "Print the default settings, explained, and exit");
  const CLI::Option* print_settings = add_flag("-P", "Print the settings in force, then run");
  const CLI::Option* check = add_flag("--check", "Check the settings and exit");
  const CLI::Option* version = add_flag("-v,--version", "Print the version and exit");
  const CLI::Option* help = add_flag("-h,--help", "Print this and exit");
  // For docs/configuration.md and the installation; an empty group hides them.
  const CLI::Option* print_reference = app.add_flag("--print-reference")->group("");
  const CLI::Option* print_manual = app.add_flag("--print-manual")->group("");

  // CLI11 takes them from the back.
  std::vector<std::string> reversed;
  std::copy_if(arguments.rbegin(), arguments.rend(), std::back_inserter(reversed),
               [](const std::string& argument) { return !argument.empty(); });
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  line.prints_settings = print_settings->count() > 0;
  if (config->count() > 0) line.config_path = config_path;
  for (const auto& [option, action] : {std::pair{help, Action::help},
                                       {version, Action::version},
                                       {print_defaults, Action::print_defaults},
                                       {print_reference, Action::print_reference},
                                       {print_manual, Action::print_manual},
                                       {check, Action::check}}) {
    if (option->count() == 0) continue;
    line.action = action;
    break;
  }
  line.help = app.help();
  line.options = options_of(app);
  return line;
}

}  // namespace aquatic::process
