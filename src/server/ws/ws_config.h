// SPDX-License-Identifier: Apache-2.0
// The settings of aquatic_ws. What each means stands in ws.def.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"
#include "server/stream/stream_config.h"

namespace aquatic::server {

// struct WsConfig
#define SETTINGS_STRUCT WsConfig
#define SETTINGS_FILE "server/ws/ws.def"
#include "config/declare.inc"

// Throws std::runtime_error, with one sentence on what to change, where settings contradict each
// other. Returns what else the operator should know, a sentence each.
std::vector<std::string> validate(const WsConfig& config);

// Keys of older versions of aquatic_ws and what became of them.
std::span<const config::OldKey> old_keys(const WsConfig&);

// Settings, or whole sections, that only a restart can change.
std::span<const std::string_view> fixed_settings(const WsConfig&);

}  // namespace aquatic::server
