// SPDX-License-Identifier: Apache-2.0
// The tracker for every protocol as a process: UDP and HTTP with their torrents in common, and
// WebTorrent beside them, on one port.
#pragma once
#include "config/source.h"
#include "server/run/run_config.h"

namespace aquatic::server {

// Serves until SIGTERM or SIGINT. Prints the URLs on stdout, a line each, once it serves. SIGUSR1
// reads the settings, the access list, the certificate and the key again. Throws
// std::runtime_error with one sentence if it cannot start, or if a worker fails.
void run_whole_tracker(const RunConfig& config,
                       const config::Source<RunConfig>& source = config::Source<RunConfig>());

// What can be found out without starting: access list, certificate and key can be read and are of
// use. Throws like the above.
void check_whole_tracker(const RunConfig& config);

}  // namespace aquatic::server
