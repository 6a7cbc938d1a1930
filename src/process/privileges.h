// SPDX-License-Identifier: Apache-2.0
// Giving up root.
#pragma once
#include <string>

namespace aquatic::process {

struct LesserIdentity {
  std::string root_path;  // The new root and working directory.
  std::string group;
  std::string user;
};

// Changes root directory, groups and user, for good: tries to get them back and fails if it can.
// Call it once sockets and files are open and before workers start. Throws std::runtime_error with
// one sentence; the process must then not go on, since it may be half way.
void drop_privileges(const LesserIdentity& identity);

}  // namespace aquatic::process
