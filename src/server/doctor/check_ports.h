// SPDX-License-Identifier: Apache-2.0
// Whether the tracker could listen where its settings say, and who is there if not.
//
// Control plane only.
#pragma once
#include "server/doctor/finding.h"
#include "server/doctor/machine.h"
#include "server/run/run_config.h"

namespace aquatic::server {

// Binds each port for a moment. Those that somebody has are reported together, by who it is.
void check_ports(const RunConfig& config, const Machine& machine, Findings& findings);

}  // namespace aquatic::server
