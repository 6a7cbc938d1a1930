// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <compare>

#include "base/check.h"
#include "config/suggest.h"

namespace aquatic::config {
namespace {

// As much of a wrong value as a fault repeats.
constexpr std::size_t kMaxShownBytes = 80;

// Where something stands in the file; counted from 1.
struct Place {
  std::uint32_t line;
  std::uint32_t column;

  friend auto operator<=>(const Place&, const Place&) = default;
};

// A key of the file.
struct Entry {
  std::string section;  // Empty outside all sections.
  std::string name;
  std::optional<Scalar> value;  // Nothing for what no setting is: lists, tables, dates.
  Place place;

  std::string key() const { return section.empty() ? name : section + "." + name; }
  std::string shown_value() const;
};

std::string Entry::shown_value() const {
  if (!value) return "a list, a table or a date";
  const std::string text = written(*value);
  return text.size() <= kMaxShownBytes ? text : text.substr(0, kMaxShownBytes) + "…";
}

Place place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

std::optional<Scalar> scalar_of(const toml::node& node) {
  if (const auto* value = node.as_boolean()) return Scalar(value->get());
  if (const auto* value = node.as_integer()) return Scalar(value->get());
  if (const auto* value = node.as_floating_point()) return Scalar(value->get());
  if (const auto* value = node.as_string()) return Scalar(value->get());
  return std::nullopt;
}

using Messages = std::vector<std::pair<Place, std::string>>;

// In the order of the file, each with its place.
std::vector<std::string> in_order(std::string_view file, Messages messages) {
  std::sort(messages.begin(), messages.end());
  std::vector<std::string> lines;
  for (const auto& [place, text] : messages) {
    lines.push_back(fmt::format("{}:{}:{}: {}", file, place.line, place.column, text));
  }
  return lines;
}

// One load: reads the entries, then takes each to its setting, and collects what is wrong.
class Loader {
 public:
  Loader(std::string_view file, const Sections& sections, std::span<const OldKey> old_keys)
      : file_(file), sections_(sections), old_keys_(old_keys) {}

  std::vector<std::string> load(std::string_view toml);

 private:
  void parse(std::string_view toml);
  void add_section(const std::string& name, const toml::table& table, Place place);
  void add_entry(const std::string& section, const toml::key& key, const toml::node& node);
  void translate(const Entry& entry, const OldKey& old_key);
  void assign(const Entry& entry);
  void refuse_unknown(const Entry& entry);
  std::string hint_for(const Entry& entry) const;
  void fault(Place place, std::string text) { faults_.emplace_back(place, std::move(text)); }

  const OldKey* find_old(const Entry& entry) const;
  const Section* find_section(std::string_view name) const;
  const Setting* find_setting(std::string_view key) const;

  std::string_view file_;
  const Sections& sections_;
  std::span<const OldKey> old_keys_;
  std::vector<Entry> entries_;
  Keys keys_;  // Of entries_.
  Messages faults_;
  Messages notes_;
};

std::vector<std::string> Loader::load(std::string_view toml) {
  parse(toml);
  // What the file says in today's words comes last, so that it wins.
  std::vector<const Entry*> current;
  for (const Entry& entry : entries_) {
    if (const OldKey* old_key = find_old(entry)) {
      translate(entry, *old_key);
    } else {
      current.push_back(&entry);
    }
  }
  for (const Entry* entry : current) assign(*entry);
  if (!faults_.empty()) throw LoadError(in_order(file_, std::move(faults_)));
  return in_order(file_, std::move(notes_));
}

void Loader::parse(std::string_view toml) {
  toml::table root;
  try {
    root = toml::parse(toml);
  } catch (const toml::parse_error& error) {
    const Place place = place_of(error.source());
    throw LoadError(in_order(file_, {{place, std::string(error.description())}}));
  }
  for (const auto& [key, node] : root) {
    const toml::table* table = node.as_table();
    if (table) {
      add_section(std::string(key.str()), *table, place_of(key.source()));
    } else {
      add_entry({}, key, node);
    }
  }
}

void Loader::add_section(const std::string& name, const toml::table& table, Place place) {
  // A quoted name may have a dot, ["network.address"], and is then no old key of another section.
  const bool is_old = name.find('.') == name.npos &&
                      std::any_of(old_keys_.begin(), old_keys_.end(),
                                  [&name](const OldKey& old) { return old.key == name; });
  if (!is_old && !find_section(name)) {
    std::vector<std::string_view> names;
    for (const Section& section : sections_) names.push_back(section.name);
    const std::string_view near = suggest(name, names);
    const std::string hint = near.empty() ? "" : fmt::format(", did you mean [{}]?", near);
    return fault(place, fmt::format("unknown section [{}]{}", name, hint));
  }
  for (const auto& [key, node] : table) add_entry(name, key, node);
}

void Loader::add_entry(const std::string& section, const toml::key& key, const toml::node& node) {
  Entry entry{section, std::string(key.str()), scalar_of(node), place_of(key.source())};
  if (entry.value) keys_.emplace(entry.key(), *entry.value);
  entries_.push_back(std::move(entry));
}

void Loader::translate(const Entry& entry, const OldKey& old_key) {
  if (entry.value && entry.value == old_key.harmless) return;
  notes_.emplace_back(entry.place, fmt::format("`{}` is a setting of older versions: {}",
                                               entry.key(), old_key.advice));
  if (!old_key.successors || !entry.value) return;
  for (const auto& [key, value] : old_key.successors(keys_)) {
    const Setting* setting = find_setting(key);
    CHECK(setting);
    if (keys_.contains(key) || setting->assign(value)) continue;
    fault(entry.place, fmt::format("`{}` stands for `{}`, which must be {}, not {}", entry.key(),
                                   key, setting->form, entry.shown_value()));
  }
}

void Loader::assign(const Entry& entry) {
  const Setting* setting = find_setting(entry.key());
  if (!setting) return refuse_unknown(entry);
  if (entry.value && setting->assign(*entry.value)) return;
  const std::string instead = setting->is_secret ? "" : ", not " + entry.shown_value();
  fault(entry.place, fmt::format("`{}` must be {}{}", entry.key(), setting->form, instead));
}

void Loader::refuse_unknown(const Entry& entry) {
  const std::string where = entry.section.empty() ? "" : fmt::format(" in [{}]", entry.section);
  fault(entry.place, fmt::format("unknown key `{}`{}{}", entry.name, where, hint_for(entry)));
}

// A slip of a name of this section, or the right name in the wrong section.
std::string Loader::hint_for(const Entry& entry) const {
  std::vector<std::string_view> names;
  for (const Setting& setting : find_section(entry.section)->settings) {
    names.push_back(setting.name);
  }
  const std::string_view near = suggest(entry.name, names);
  if (!near.empty()) return fmt::format(", did you mean `{}`?", near);
  for (const Section& section : sections_) {
    const std::string prefix = section.name.empty() ? "" : fmt::format("{}.", section.name);
    if (!find_setting(prefix + entry.name)) continue;
    if (section.name.empty()) return ", it belongs above the first section";
    return fmt::format(", it belongs in [{}]", section.name);
  }
  return "";
}

const OldKey* Loader::find_old(const Entry& entry) const {
  for (const OldKey& old_key : old_keys_) {
    if (old_key.key == entry.key() || old_key.key == entry.section) return &old_key;
  }
  return nullptr;
}

const Section* Loader::find_section(std::string_view name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [name](const Section& section) { return section.name == name; });
  return found == sections_.end() ? nullptr : &*found;
}

const Setting* Loader::find_setting(std::string_view key) const {
  const std::size_t dot = key.find('.');
  const std::string_view section_name = dot == key.npos ? "" : key.substr(0, dot);
  const std::string_view name = dot == key.npos ? key : key.substr(dot + 1);
  const Section* section = find_section(section_name);
  if (!section) return nullptr;
  for (const Setting& setting : section->settings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

}  // namespace

LoadError::LoadError(std::vector<std::string> faults)
    : std::runtime_error(fmt::format("{}", fmt::join(faults, "\n"))), faults_(std::move(faults)) {}

std::vector<std::string> load_toml(std::string_view toml, std::string_view file,
                                   const Sections& sections, std::span<const OldKey> old_keys) {
  return Loader(file, sections, old_keys).load(toml);
}

}  // namespace aquatic::config
