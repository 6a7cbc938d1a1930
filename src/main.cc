// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_load_test.h"
#include "load_test/udp_load_test.h"
#include "load_test/ws_load_test.h"
#include "main/manual.h"
#include "main/program.h"
#include "server/doctor/doctor.h"
#include "server/http/http_server.h"
#include "server/run/run_server.h"
#include "server/udp/udp_server.h"
#include "server/ws/ws_server.h"

namespace {

using aquatic::kLoadTestManual;
using aquatic::kTrackerManual;
using aquatic::run_program;
using aquatic::process::Entry;

constexpr auto kRunWholeTracker =
    run_program<aquatic::server::RunConfig, aquatic::server::run_whole_tracker,
                aquatic::server::check_whole_tracker>;
constexpr auto kRunDoctor = run_program<aquatic::server::RunConfig, aquatic::server::run_doctor>;
constexpr auto kRunUdpTracker =
    run_program<aquatic::server::UdpConfig, aquatic::server::run_udp_tracker,
                aquatic::server::check_udp_tracker>;
constexpr auto kRunHttpTracker =
    run_program<aquatic::server::HttpConfig, aquatic::server::run_http_tracker,
                aquatic::server::check_http_tracker>;
constexpr auto kRunWsTracker =
    run_program<aquatic::server::WsConfig, aquatic::server::run_ws_tracker,
                aquatic::server::check_ws_tracker>;
constexpr auto kRunUdpLoadTest =
    run_program<aquatic::load_test::UdpLoadTestConfig, aquatic::load_test::run_udp_load_test>;
constexpr auto kRunHttpLoadTest =
    run_program<aquatic::load_test::HttpLoadTestConfig, aquatic::load_test::run_http_load_test>;
constexpr auto kRunWsLoadTest =
    run_program<aquatic::load_test::WsLoadTestConfig, aquatic::load_test::run_ws_load_test>;

// The first is what `aquatic` runs on its own.
constexpr Entry kEntries[] = {
    {"run", "", "A tracker for UDP, HTTP, HTTPS and WebTorrent on one port", kRunWholeTracker,
     kTrackerManual},
    {"doctor", "", "Looks at the settings and the machine: what to do, worst first", kRunDoctor},
    {"udp", "aquatic_udp", "A BitTorrent tracker over UDP", kRunUdpTracker, kTrackerManual},
    {"http", "aquatic_http", "A BitTorrent tracker over HTTP and HTTPS", kRunHttpTracker,
     kTrackerManual},
    {"ws", "aquatic_ws", "A WebTorrent tracker over WebSocket", kRunWsTracker, kTrackerManual},
    {"load-test udp", "aquatic_udp_load_test", "Measures a UDP tracker", kRunUdpLoadTest,
     kLoadTestManual},
    {"load-test http", "aquatic_http_load_test", "Measures an HTTP or HTTPS tracker",
     kRunHttpLoadTest, kLoadTestManual},
    {"load-test ws", "aquatic_ws_load_test", "Measures a WebTorrent tracker over ws or wss",
     kRunWsLoadTest, kLoadTestManual},
};

}  // namespace

int main(int argument_count, char** arguments) {
  return aquatic::process::dispatch(kEntries, {arguments, arguments + argument_count});
}
