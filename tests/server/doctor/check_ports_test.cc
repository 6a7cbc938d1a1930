// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/check_ports.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/tcp_listener.h"
#include "tests/server/doctor/doctor_rig.h"

namespace aquatic::server {
namespace {

using test::finding;
using testing::ElementsAre;
using testing::IsEmpty;
using enum Finding::Severity;

class PortsTest : public test::DoctorTest {
 protected:
  // Somebody has the port that the settings name, over TCP only.
  void take_port() { static_cast<Endpoint&>(config_.network.address_ipv4) = taken_.address; }
  // So that he can be found.
  void show_holder(int pid, const std::string& program) {
    write("/proc/net/tcp",
          fmt::format("   0: 0100007F:{:04X} 00000000:0000 0A 0:0 0:0 0 0 0 4242\n",
                      taken_.address.port));
    const std::string process = fmt::format("/proc/{}", pid);
    write(process + "/comm", program + "\n");
    std::filesystem::create_directories(folder_.path() + process + "/fd");
    std::filesystem::create_symlink("socket:[4242]", folder_.path() + process + "/fd/3");
  }

 private:
  const net::TcpListeners taken_ =
      net::open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
};

TEST_F(PortsTest, MayBeTakenByNobodyKnows) {
  EXPECT_THAT(findings_of(check_ports), IsEmpty());
  take_port();
  EXPECT_THAT(findings_of(check_ports), ElementsAre(finding(risk, "TCP 127.0.0.1", "ss -lntup")));
}

TEST_F(PortsTest, ATrackerThatRunsAlreadyIsNoFault) {
  take_port();
  show_holder(77, "aquatic_http");
  EXPECT_THAT(findings_of(check_ports),
              ElementsAre(finding(hint, "in use by aquatic_http (process 77)", "stop it before")));
  // Ports are told together.
  config_.metrics.run_prometheus_endpoint = true;
  static_cast<Endpoint&>(config_.metrics.prometheus_endpoint_address) =
      config_.network.address_ipv4;
  EXPECT_THAT(findings_of(check_ports), ElementsAre(finding(hint, ", TCP 127.0.0.1", "")));
  // It has its socket from systemd.
  show_holder(1, "systemd");
  EXPECT_THAT(findings_of(check_ports), ElementsAre(finding(hint, "aquatic_http", "")));
}

TEST_F(PortsTest, SystemdMayHaveOpenedItForTheTracker) {
  take_port();
  show_holder(1, "systemd");
  EXPECT_THAT(findings_of(check_ports), ElementsAre(finding(hint, "systemd", "list-sockets")));
}

TEST_F(PortsTest, AnybodyElseHasToGo) {
  take_port();
  show_holder(77, "nginx");
  EXPECT_THAT(findings_of(check_ports),
              ElementsAre(finding(broken, "in use by nginx (process 77)", "another port")));
}

TEST_F(PortsTest, AnAddressMayBeAnotherMachines) {
  config_.network.address_ipv4 = "192.0.2.1:0";  // RFC 5737: nobody has it.
  config_.ws.enable = config_.http.enable = false;
  EXPECT_THAT(findings_of(check_ports), ElementsAre(finding(broken, "UDP 192.0.2.1", "address")));
}

}  // namespace
}  // namespace aquatic::server
