// SPDX-License-Identifier: Apache-2.0
// Writes a config: as TOML that load() reads, and as its reference, in Markdown and for the manual.
#pragma once
#include <string>
#include <string_view>

#include "config/settings.h"

namespace aquatic::config {

enum class Comments { without, with };

// Every setting with its value; comments say what it means and may be. A secret is not shown.
std::string to_toml(const Sections& sections, Comments comments);
// A heading for each section with a table of its settings; values count as the defaults.
std::string to_markdown(std::string_view title, const Sections& sections);
// The same as the section SETTINGS of a page of the manual, in the language mdoc(7).
std::string to_manual(const Sections& sections);

template <class Config>
std::string to_toml(Config config, Comments comments) {
  return to_toml(describe(config), comments);
}

template <class Config>
std::string to_markdown(std::string_view title, Config config) {
  return to_markdown(title, describe(config));
}

template <class Config>
std::string to_manual(Config config) {
  return to_manual(describe(config));
}

}  // namespace aquatic::config
