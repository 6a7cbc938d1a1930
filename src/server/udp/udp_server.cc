// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_server.h"

#include <memory>

#include "server/operation.h"
#include "server/udp/udp_service.h"

namespace aquatic::server {

void run_udp_tracker(const UdpConfig& config) {
  Operation operation(tracker_options(config), status_options(config));
  operation.add(std::make_unique<UdpService>(config, operation.tracker(), operation.timing()));
  drop_privileges(config);
  operation.run();
}

void check_udp_tracker(const UdpConfig& config) { check_access_list(tracker_options(config)); }

}  // namespace aquatic::server
