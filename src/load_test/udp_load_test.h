// SPDX-License-Identifier: Apache-2.0
// The UDP load test as a program: from its settings to its report.
#pragma once
#include "load_test/udp_load_test_config.h"

namespace aquatic::load_test {

// See run_load_test().
void run_udp_load_test(const UdpLoadTestConfig& config);

}  // namespace aquatic::load_test
