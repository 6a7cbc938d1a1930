// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/pattern.h"

#include "base/check.h"

namespace aquatic::tidy {

Pattern::Pattern(const char* expression) {
  CHECK(regcomp(&compiled_, expression, REG_EXTENDED) == 0);
}

Pattern::~Pattern() { regfree(&compiled_); }

std::optional<std::vector<std::string_view>> Pattern::search(std::string_view text) const {
  std::vector<regmatch_t> matches(compiled_.re_nsub + 1);
  matches[0].rm_so = 0;
  matches[0].rm_eo = static_cast<regoff_t>(text.size());
  if (regexec(&compiled_, text.data(), matches.size(), matches.data(), REG_STARTEND) != 0) {
    return std::nullopt;
  }
  std::vector<std::string_view> groups;
  for (const regmatch_t& match : matches) {
    const bool took_part = match.rm_so >= 0;
    groups.push_back(took_part ? text.substr(static_cast<std::size_t>(match.rm_so),
                                             static_cast<std::size_t>(match.rm_eo - match.rm_so))
                               : std::string_view());
  }
  return groups;
}

}  // namespace aquatic::tidy
