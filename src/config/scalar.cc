// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.h"

#include <fmt/core.h>

namespace aquatic::config {
namespace {

// A TOML basic string (TOML 1.0, "String").
std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

struct Writer {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return quote(value); }
  // Without a point, an exponent or a name it would be an integer to TOML.
  std::string operator()(double value) const {
    const std::string text = fmt::format("{}", value);
    return text.find_first_not_of("-0123456789") == text.npos ? text + ".0" : text;
  }
};

}  // namespace

std::string written(const Scalar& scalar) { return std::visit(Writer{}, scalar); }

std::string form_of_words(const std::string_view* words, std::size_t count) {
  std::string form = "one of ";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) form += ", ";
    form += quote(words[i]);
  }
  return form;
}

}  // namespace aquatic::config
