// SPDX-License-Identifier: Apache-2.0
// The UDP tracker as a process: from its settings to a clean stop.
#pragma once
#include "config/source.h"
#include "server/udp/udp_config.h"

namespace aquatic::server {

// Serves until SIGTERM or SIGINT. Prints the announce URLs on stdout, a line each, once it serves.
// SIGUSR1 reads the settings and the access list again. Throws std::runtime_error with one sentence
// if it cannot start, or if a worker fails.
void run_udp_tracker(const UdpConfig& config,
                     const config::Source<UdpConfig>& source = config::Source<UdpConfig>());

// What can be found out without starting: the access list can be read. Throws like the above.
void check_udp_tracker(const UdpConfig& config);

}  // namespace aquatic::server
