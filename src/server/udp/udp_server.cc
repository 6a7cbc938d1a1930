// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_server.h"

#include <memory>

#include "server/live_settings.h"
#include "server/operation.h"
#include "server/udp/udp_service.h"

namespace aquatic::server {

void run_udp_tracker(const UdpConfig& config, const config::Source<UdpConfig>& source) {
  Operation operation(tracker_options(config), status_options(config));
  auto& service = operation.add(std::make_unique<UdpService>(config, operation.surroundings()));
  drop_privileges(config);
  LiveSettings settings(config, source);
  operation.run([&] {
    if (!settings.reload()) return;
    operation.set_options(tracker_options(settings.current()), status_options(settings.current()));
    service.set_options(settings.current());
  });
}

void check_udp_tracker(const UdpConfig& config) { check_access_list(tracker_options(config)); }

}  // namespace aquatic::server
