// SPDX-License-Identifier: Apache-2.0
// Variables that whoever has started the process has set for it alone.
#pragma once
#include <optional>
#include <string>

namespace aquatic {

// The value of the variable, which is removed, so that no child takes it for its own. None if there
// is none. Requires: no other thread is reading the environment.
std::optional<std::string> take_variable(const char* name);

}  // namespace aquatic
