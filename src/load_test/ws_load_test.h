// SPDX-License-Identifier: Apache-2.0
// The WebTorrent load test as a program: from its settings to its report.
#pragma once
#include "load_test/ws_load_test_config.h"

namespace aquatic::load_test {

// See run_load_test(). Throws also if the system does not let the process have so many connections.
void run_ws_load_test(const WsLoadTestConfig& config);

}  // namespace aquatic::load_test
