// SPDX-License-Identifier: Apache-2.0
// The settings of aquatic_ws_load_test. What each means stands in ws_load_test.def.
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
#include "load_test/tls_version_words.h"

namespace aquatic::load_test {

#define SETTINGS_STRUCT WsLoadTestConfig
#define SETTINGS_FILE "load_test/ws_load_test.def"
#include "config/declare.inc"

// Throws std::runtime_error, with one sentence on what to change, where settings contradict each
// other. Returns what else the operator should know, a sentence each.
std::vector<std::string> validate(const WsLoadTestConfig& config);

// Keys of the original that have no meaning here.
std::span<const config::OldKey> old_keys(const WsLoadTestConfig&);

}  // namespace aquatic::load_test
