// SPDX-License-Identifier: Apache-2.0
// The WebTorrent tracker as a process: sockets, workers, access list, certificates and statistics.
#pragma once
#include "config/source.h"
#include "server/web/web_service.h"
#include "server/ws/ws_config.h"

namespace aquatic::server {

// The tracker as a part of one.
WebServiceOptions web_service_options(const WsConfig& config);

// Serves until SIGTERM or SIGINT. Prints a line for each address once all work is under way. Throws
// std::runtime_error if something cannot be opened, or a worker ended.
void run_ws_tracker(const WsConfig& config,
                    const config::Source<WsConfig>& source = config::Source<WsConfig>());

// Throws std::runtime_error if the access list, the certificate or the key cannot be used.
void check_ws_tracker(const WsConfig& config);

}  // namespace aquatic::server
