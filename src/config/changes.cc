// SPDX-License-Identifier: Apache-2.0
#include "config/changes.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"

namespace aquatic::config {
namespace {

bool covers(std::string_view fixed, std::string_view section, std::string_view key) noexcept {
  return fixed == key || (!section.empty() && fixed == section);
}

}  // namespace

Changes adopt(const Sections& in_force, Sections fresh, std::span<const std::string_view> fixed) {
  Changes changes;
  CHECK(in_force.size() == fresh.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    CHECK(in_force[i].settings.size() == fresh[i].settings.size());
    for (std::size_t j = 0; j < fresh[i].settings.size(); ++j) {
      const Setting& before = in_force[i].settings[j];
      const Setting& after = fresh[i].settings[j];
      if (before.value == after.value) continue;
      const std::string_view section = fresh[i].name;
      const std::string key =
          section.empty() ? std::string(after.name) : fmt::format("{}.{}", section, after.name);
      const auto shown = [](const Setting& setting) {
        return setting.is_secret ? "another secret" : written(setting.value);
      };
      const bool is_fixed =
          std::ranges::any_of(fixed, [&](std::string_view f) { return covers(f, section, key); });
      if (is_fixed) {
        after.assign(before.value);
        changes.put_off.push_back(
            fmt::format("{} stays {}: a restart makes it {}", key, shown(before), shown(after)));
      } else {
        changes.adopted.push_back(
            fmt::format("{} is {} now, after {}", key, shown(after), shown(before)));
      }
    }
  }
  return changes;
}

}  // namespace aquatic::config
