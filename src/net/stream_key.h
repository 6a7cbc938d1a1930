// SPDX-License-Identifier: Apache-2.0
// What a worker knows a stream by. No two of its streams have the same, even one after the other,
// so whatever comes for a stream that is gone finds nothing.
#pragma once
#include <cstdint>

namespace aquatic::net {

using StreamKey = std::uint64_t;

}  // namespace aquatic::net
