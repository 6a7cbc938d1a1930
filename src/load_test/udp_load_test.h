// SPDX-License-Identifier: Apache-2.0
// The UDP load test as a program: from its settings to its report.
#pragma once
#include "load_test/udp_load_test_config.h"

namespace aquatic::load_test {

// Asks the tracker for config.duration seconds, or until SIGINT or SIGTERM, and prints reports on
// stdout, the last line of which is "Average responses per second: N". Throws std::runtime_error
// with one sentence if it cannot start, if there was no response at all, and, after the report, if
// there were wrong responses.
void run_udp_load_test(const UdpLoadTestConfig& config);

}  // namespace aquatic::load_test
