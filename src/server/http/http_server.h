// SPDX-License-Identifier: Apache-2.0
// The HTTP tracker as a process: from its settings to a clean stop.
#pragma once
#include "config/source.h"
#include "server/http/http_config.h"
#include "server/web/web_service.h"

namespace aquatic::server {

// The tracker as a part of one.
WebServiceOptions web_service_options(const HttpConfig& config);

// Serves until SIGTERM or SIGINT. Prints the announce URLs on stdout, a line each, once it serves.
// SIGUSR1 reads the settings, the access list, the certificate and the key again. Throws
// std::runtime_error with one sentence if it cannot start, or if a worker fails.
void run_http_tracker(const HttpConfig& config,
                      const config::Source<HttpConfig>& source = config::Source<HttpConfig>());

// What can be found out without starting: access list, certificate and key can be read and are of
// use. Throws like the above.
void check_http_tracker(const HttpConfig& config);

}  // namespace aquatic::server
