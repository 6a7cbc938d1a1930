// SPDX-License-Identifier: Apache-2.0
// Failed system calls of the control plane as sentences.
#pragma once
#include <string>

namespace aquatic::process {

// Throws std::runtime_error: "`what`: " and what errno says.
[[noreturn]] void throw_errno(const std::string& what);

// `result`, unless it is negative: then throws as above.
inline int checked(int result, const char* what) {
  if (result < 0) throw_errno(what);
  return result;
}

}  // namespace aquatic::process
