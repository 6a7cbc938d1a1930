// SPDX-License-Identifier: Apache-2.0
// Settings: declared once in a `.def` file, from which everything else follows.
//
// Recipe for a program with settings:
//   1. Write `my_program.def`: one SETTING or SETTING_IN a key, sections around them; see
//      server/udp/udp.def. Enumerations get their words by specialising kWords (types.h).
//   2. In a header, inside the program's namespace:
//        #define SETTINGS_STRUCT MyConfig
//        #define SETTINGS_FILE "my_program/my_program.def"
//        #include "config/declare.inc"     // struct MyConfig, visit_settings()
//        std::vector<std::string> validate(const MyConfig& config);
//        std::span<const config::OldKey> old_keys(const MyConfig&);
//   3. Put run_program<MyConfig, run> of main/program.h into the table of main.cc: it prints,
//      documents, loads, validates and runs. What it does that with is in print.h and load.h.
//
// This file turns such a struct into a list of settings without types. The rest of config works on
// that list and knows no particular setting.
#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/scalar.h"

namespace aquatic::config {

struct Setting {
  std::string_view name;
  std::string_view doc;
  std::string form;  // What may be written: "a whole number from 1 to 74".
  Scalar value;      // What it is now.
  bool is_secret = false;
  // Stores a value in the config, or returns false if it is not of the form.
  std::function<bool(const Scalar&)> assign;
};

struct Section {
  std::string_view name;  // Empty for the settings outside all sections.
  std::string_view doc;
  std::vector<Setting> settings;
};

// The nameless section first, then the others as they were declared.
using Sections = std::vector<Section>;

// The keys of a file with their sections ("network.address") and scalar values.
using Keys = std::map<std::string, Scalar, std::less<>>;

// A key that once was a setting.
struct OldKey {
  std::string_view key;     // "network.address", or a whole section: "cpu_pinning".
  std::string_view advice;  // What to do instead, a sentence: "Use network.address_ipv4."
  // Today's settings that it stands for, given the keys of the whole file. May be null. A setting
  // that the file has itself comes before one that an old key stands for.
  Keys (*successors)(const Keys& file) = nullptr;
  // With this value it did nothing, so that nobody has to be told.
  std::optional<Scalar> harmless = std::nullopt;
};

namespace detail {

// The visitor that makes Sections of a config.
class Describer {
 public:
  void begin_section(std::string_view name, std::string_view doc) {
    sections.push_back({name, doc, {}});
    current_ = sections.size() - 1;
  }
  void end_section() { current_ = 0; }

  template <Number T>
  void setting(std::string_view name, std::string_view doc, T& value) {
    setting(name, doc, value, std::numeric_limits<T>::lowest(), kGreatest<T>);
  }

  template <Number T>
  void setting(std::string_view name, std::string_view doc, T& value, std::type_identity_t<T> least,
               std::type_identity_t<T> greatest) {
    add(name, doc, value, form_of(least, greatest), [&value, least, greatest](const Scalar& from) {
      const auto read = from_scalar<T>(from);
      // Written so that it refuses NaN.
      const bool fits = read && *read >= least && *read <= greatest;
      if (fits) value = *read;
      return fits;
    });
  }

  template <class T>
  void setting(std::string_view name, std::string_view doc, T& value) {
    add(name, doc, value, form_of<T>(), [&value](const Scalar& from) {
      auto read = from_scalar<T>(from);
      if (read) value = std::move(*read);
      return read.has_value();
    });
  }

  Sections sections = Sections(1);

 private:
  // TOML has no integers above 2^63 - 1.
  template <class T>
  static constexpr T kGreatest =
      std::same_as<T, std::uint64_t> ? static_cast<T>(std::numeric_limits<std::int64_t>::max())
                                     : std::numeric_limits<T>::max();

  template <class T>
  void add(std::string_view name, std::string_view doc, const T& value, std::string form,
           std::function<bool(const Scalar&)> assign) {
    sections[current_].settings.push_back(
        {name, doc, std::move(form), to_scalar(value), std::same_as<T, Secret>, std::move(assign)});
  }

  std::size_t current_ = 0;
};

}  // namespace detail

// Borrows from `config`, which assign() changes.
template <class Config>
Sections describe(Config& config) {
  detail::Describer describer;
  visit_settings(config, describer);
  return std::move(describer.sections);
}

}  // namespace aquatic::config
