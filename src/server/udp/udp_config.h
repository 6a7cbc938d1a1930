// SPDX-License-Identifier: Apache-2.0
// The settings of aquatic_udp. What each means stands in udp.def.
#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "server/config.h"

namespace aquatic::server {

enum class IoBackend : std::uint8_t { automatic, io_uring, mmsg };
enum class ReplyFrom : std::uint8_t { automatic, pktinfo, each, plain };

// struct UdpConfig
#define SETTINGS_STRUCT UdpConfig
#define SETTINGS_FILE "server/udp/udp.def"
#include "config/declare.inc"

// Throws std::runtime_error, with one sentence on what to change, where settings contradict each
// other. Returns what else the operator should know, a sentence each.
std::vector<std::string> validate(const UdpConfig& config);

// Keys of older versions of aquatic_udp and what became of them.
std::span<const config::OldKey> old_keys(const UdpConfig&);

// Settings, or whole sections, that only a restart can change.
std::span<const std::string_view> fixed_settings(const UdpConfig&);

}  // namespace aquatic::server

template <>
inline constexpr std::array<std::string_view, 3>
    aquatic::config::kWords<aquatic::server::IoBackend> = {"auto", "io_uring", "mmsg"};
template <>
inline constexpr std::array<std::string_view, 4>
    aquatic::config::kWords<aquatic::server::ReplyFrom> = {"auto", "pktinfo", "each", "plain"};
