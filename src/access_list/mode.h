// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace aquatic::access_list {

// Which torrents a tracker serves: all, only the listed ones, or all but the listed ones.
enum class Mode : std::uint8_t { off, allow, deny };

}  // namespace aquatic::access_list
