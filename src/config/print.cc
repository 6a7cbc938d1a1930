// SPDX-License-Identifier: Apache-2.0
#include "config/print.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/manual_text.h"

namespace aquatic::config {
namespace {

void append_comment(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += fmt::format("# {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// For a cell of a Markdown table.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '|') line += '\\';
    line += c == '\n' ? ' ' : c;
  }
  return line;
}

// The form is told where it is more than the type, which the default shows.
bool tells_more_than_default(const Setting& setting) {
  return setting.is_secret || setting.form.find(" from ") != std::string::npos ||
         setting.form.starts_with("one of ");
}

}  // namespace

std::string to_toml(const Sections& sections, Comments comments) {
  std::string out;
  for (const Section& section : sections) {
    if (!section.name.empty()) {
      if (!out.empty()) out += '\n';
      if (comments == Comments::with) append_comment(out, section.doc);
      out += fmt::format("[{}]\n", section.name);
    }
    for (const Setting& setting : section.settings) {
      if (comments == Comments::with) {
        append_comment(out, setting.doc);
        if (tells_more_than_default(setting)) append_comment(out, "Must be " + setting.form + ".");
      }
      out += fmt::format("{} = {}\n", setting.name, written(setting.value));
    }
  }
  return out;
}

std::string to_markdown(std::string_view title, const Sections& sections) {
  std::string out = fmt::format("## {}\n", title);
  for (const Section& section : sections) {
    if (section.settings.empty()) continue;
    if (!section.name.empty()) {
      out += fmt::format("\n### [{}]\n\n{}\n", section.name, section.doc);
    }
    out += "\n| key | default | may be | meaning |\n|---|---|---|---|\n";
    for (const Setting& setting : section.settings) {
      out += fmt::format("| `{}` | `{}` | {} | {} |\n", setting.name,
                         in_one_line(written(setting.value)), in_one_line(setting.form),
                         in_one_line(setting.doc));
    }
  }
  return out;
}

std::string to_manual(const Sections& sections) {
  std::string out = ".Sh SETTINGS\n";
  for (const Section& section : sections) {
    if (section.settings.empty()) continue;
    out += section.name.empty()
               ? std::string(".Ss Outside all sections\n")
               : fmt::format(".Ss {}\n", manual_argument(fmt::format("[{}]", section.name)));
    out += manual_prose(section.doc);
    out += ".Bl -tag -width Ds\n";
    for (const Setting& setting : section.settings) {
      out += fmt::format(".It Cm {} No = Li {}\n", manual_argument(setting.name),
                         manual_argument(written(setting.value)));
      out += manual_prose(setting.doc);
      out += manual_prose("May be " + setting.form + ".");
    }
    out += ".El\n";
  }
  return out;
}

}  // namespace aquatic::config
