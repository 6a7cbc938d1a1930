// SPDX-License-Identifier: Apache-2.0
// A regular expression of POSIX (extended, with GNU's \b, \w and \s).
//
// std::regex would do, but it takes GCC 12 ten seconds a file and warns of what is not there.
#pragma once
#include <regex.h>

#include <optional>
#include <string_view>
#include <vector>

namespace aquatic::tidy {

class Pattern {
 public:
  // Requires: `expression` is well-formed.
  explicit Pattern(const char* expression);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // The first place where it matches and what its groups matched there, all borrowed from `text`.
  std::optional<std::vector<std::string_view>> search(std::string_view text) const;

 private:
  regex_t compiled_;
};

}  // namespace aquatic::tidy
