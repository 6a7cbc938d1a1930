// SPDX-License-Identifier: Apache-2.0
// What a check has found, for an operator to read.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace aquatic::server {

struct Finding {
  enum class Severity : std::uint8_t {
    broken,  // Something will not work.
    risk,    // It will, but not under load, or not for long.
    hint,    // Worth knowing.
  };
  Severity severity = Severity::hint;
  std::string what;
  std::string remedy;  // What to do about it, in lines; commands where there are any.
};

using Findings = std::vector<Finding>;

}  // namespace aquatic::server
