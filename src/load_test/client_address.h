// SPDX-License-Identifier: Apache-2.0
// The addresses that simulated peers come from.
#pragma once
#include <cstdint>
#include <optional>

#include "base/endpoint.h"

namespace aquatic::load_test {

// Where socket `index` of a whole load test sends from, if not from where the kernel likes: with
// `is_spread`, and to a tracker on the IPv4 loopback, each from an address of its own.
std::optional<IpAddress> source_of(std::uint32_t index, const Endpoint& tracker, bool is_spread);

// Where a connected socket sends from. Throws std::runtime_error.
Endpoint local_endpoint(int fd);

}  // namespace aquatic::load_test
