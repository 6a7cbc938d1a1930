// SPDX-License-Identifier: Apache-2.0
// How many files and sockets the process may have open.
#pragma once
#include <cstdint>

namespace aquatic::process {

// Raises the limit as far as the process may (RLIMIT_NOFILE, from soft to hard) and returns it.
std::uint64_t raise_open_file_limit();

}  // namespace aquatic::process
