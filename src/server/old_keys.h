// SPDX-License-Identifier: Apache-2.0
// What several trackers of the original once had as settings, and what became of it.
//
// Control plane only.
#pragma once
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace aquatic::server {

// Advice for the keys that chose how work was divided.
inline constexpr std::string_view kOneKindOfWorker =
    "all work is done by socket workers now; set socket_workers";

// Successors of network.address, given network.only_ipv6: one address for each family.
config::Keys split_address(const config::Keys& file);

inline constexpr config::OldKey kOldAddress = {
    .key = "network.address",
    .advice = "use network.address_ipv4 and network.address_ipv6",
    .successors = split_address};
inline constexpr config::OldKey kOldOnlyIpv6 = {
    .key = "network.only_ipv6", .advice = "use network.use_ipv4 and network.set_only_ipv6"};
inline constexpr config::OldKey kOldCpuPinning = {
    .key = "cpu_pinning",
    .advice = "start the tracker under taskset or with CPUAffinity= of systemd"};

// `own` and what trackers on TCP, aquatic_http and aquatic_ws, once had in common.
std::vector<config::OldKey> with_old_stream_keys(std::vector<config::OldKey> own);

}  // namespace aquatic::server
