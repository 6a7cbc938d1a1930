// SPDX-License-Identifier: Apache-2.0
// The settings of aquatic_udp_load_test. What each means stands in udp_load_test.def.
#pragma once
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/log.h"
#include "config/settings.h"
#include "config/types.h"

namespace aquatic::load_test {

#define SETTINGS_STRUCT UdpLoadTestConfig
#define SETTINGS_FILE "load_test/udp_load_test.def"
#include "config/declare.inc"

// Throws std::runtime_error, with one sentence on what to change, where settings contradict each
// other. Returns what else the operator should know, a sentence each.
std::vector<std::string> validate(const UdpLoadTestConfig& config);

// Keys of the original that have no meaning here.
std::span<const config::OldKey> old_keys(const UdpLoadTestConfig&);

}  // namespace aquatic::load_test
