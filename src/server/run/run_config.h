// SPDX-License-Identifier: Apache-2.0
// The settings of `aquatic run`, and those of the single trackers that follow from them. What each
// means stands in run.def.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "server/config.h"
#include "server/http/http_config.h"
#include "server/stream/stream_config.h"
#include "server/udp/udp_config.h"
#include "server/ws/ws_config.h"

namespace aquatic::server {

// struct RunConfig
#define SETTINGS_STRUCT RunConfig
#define SETTINGS_FILE "server/run/run.def"
#include "config/declare.inc"

// Throws std::runtime_error, with one sentence on what to change, where settings contradict each
// other. Returns what else the operator should know, a sentence each.
std::vector<std::string> validate(const RunConfig& config);

// There were none before this version.
std::span<const config::OldKey> old_keys(const RunConfig&);

// Settings, or whole sections, that only a restart can change.
std::span<const std::string_view> fixed_settings(const RunConfig&);

// Whether it listens on TCP at all.
bool has_tcp(const RunConfig& config);
// Of each family that is on.
std::vector<Endpoint> addresses_of(const RunConfig& config);

// What the tracker for one protocol would have to be told to be that part of the whole.
UdpConfig udp_config(const RunConfig& config);
HttpConfig http_config(const RunConfig& config);
WsConfig ws_config(const RunConfig& config);

}  // namespace aquatic::server
