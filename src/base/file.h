// SPDX-License-Identifier: Apache-2.0
// Files as a whole, for the control plane.
#pragma once
#include <cstddef>
#include <string>

namespace aquatic {

// The bytes of a file or pipe. Throws std::runtime_error, with one sentence that names the file,
// if it cannot be read or has more than `max_bytes`.
std::string read_file(const std::string& path, std::size_t max_bytes);

}  // namespace aquatic
