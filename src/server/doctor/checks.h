// SPDX-License-Identifier: Apache-2.0
// What an operator should know before, or while, the tracker runs: settings and machine side by
// side. Each check looks at one thing.
//
// Control plane only.
#pragma once
#include "server/doctor/finding.h"
#include "server/doctor/machine.h"
#include "server/run/run_config.h"

namespace aquatic::server {

void check_receive_buffer(const RunConfig& config, const Machine& machine, Findings& findings);
void check_backlog(const RunConfig& config, const Machine& machine, Findings& findings);
void check_open_files(const RunConfig& config, const Machine& machine, Findings& findings);
void check_connection_tracking(const RunConfig& config, const Machine& machine, Findings& findings);
void check_datagram_drops(const RunConfig& config, const Machine& machine, Findings& findings);
void check_memory(const RunConfig& config, const Machine& machine, Findings& findings);
void check_clock(const RunConfig& config, const Machine& machine, Findings& findings);
// These look at files that the settings name, and at what the kernel allows.
void check_certificate(const RunConfig& config, const Machine& machine, Findings& findings);
void check_access_list_file(const RunConfig& config, const Machine& machine, Findings& findings);
void check_io_uring(const RunConfig& config, const Machine& machine, Findings& findings);

// All of them, worst first.
Findings examine(const RunConfig& config, const Machine& machine);

}  // namespace aquatic::server
