// SPDX-License-Identifier: Apache-2.0
// Where the settings of a running program came from, so that they can be read again.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"

namespace aquatic::config {

template <class Config>
class Source {
 public:
  struct Loaded {
    Config config;
    std::vector<std::string> notes;  // What the operator should know, a sentence each.
  };

  // Without a file there are the defaults.
  explicit Source(std::optional<std::string> path = std::nullopt) : path_(std::move(path)) {}

  bool has_file() const noexcept { return path_.has_value(); }

  // Throws std::runtime_error, LoadError among them, if the file cannot be read or is wrong.
  Loaded load() const {
    Loaded loaded;
    if (path_) loaded.notes = config::load(*path_, loaded.config);
    for (std::string& note : validate(loaded.config)) loaded.notes.push_back(std::move(note));
    return loaded;
  }

 private:
  std::optional<std::string> path_;
};

}  // namespace aquatic::config
