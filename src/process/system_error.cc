// SPDX-License-Identifier: Apache-2.0
#include "process/system_error.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace aquatic::process {

void throw_errno(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace aquatic::process
