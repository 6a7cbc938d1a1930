// SPDX-License-Identifier: Apache-2.0
// Room for the connections of a load test among the files that a process may have open.
#pragma once
#include <cstdint>
#include <string_view>

namespace aquatic::load_test {

// Raises the limit of open files as far as may be. Throws std::runtime_error if so many connections
// do not fit all the same: `settings` are to be lowered then.
void make_room_for_connections(std::uint64_t connections, std::string_view settings);

}  // namespace aquatic::load_test
