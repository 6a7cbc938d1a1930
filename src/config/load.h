// SPDX-License-Identifier: Apache-2.0
// Reads a TOML file into a config.
//
// What a file does not mention keeps its value. All that is wrong with a file is reported at once,
// each fault with its place: `tracker.toml:12:1: unknown key …`.
#pragma once
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "config/settings.h"

namespace aquatic::config {

// All faults of a file; what() has one in a line.
class LoadError : public std::runtime_error {
 public:
  explicit LoadError(std::vector<std::string> faults);
  const std::vector<std::string>& faults() const noexcept { return faults_; }

 private:
  std::vector<std::string> faults_;
};

// Stores what `toml` says in the config that `sections` borrows from, and returns what to tell the
// operator about keys of older versions. `file` is the name that faults are reported under. Throws
// LoadError; the config is then half changed.
std::vector<std::string> load_toml(std::string_view toml, std::string_view file,
                                   const Sections& sections, std::span<const OldKey> old_keys);

// A file of settings has a few kilobytes; whatever is larger than this is another file.
inline constexpr std::size_t kMaxFileBytes = 1 << 20;

template <class Config>
std::vector<std::string> load(const std::string& path, Config& config) {
  return load_toml(read_file(path, kMaxFileBytes), path, describe(config), old_keys(config));
}

}  // namespace aquatic::config
