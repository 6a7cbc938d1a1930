// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "net/tcp_listener.h"
#include "tests/support/certificates.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Finding::Severity;

// A machine with nothing but what a test writes.
class FakeMachine final : public Machine {
 public:
  explicit FakeMachine(const std::string& root) : Machine(root) {}

  std::uint64_t max_open_files() const override { return open_files; }
  std::chrono::system_clock::time_point now() const override { return time; }
  bool is_clock_kept() const override { return keeps_clock; }

  std::uint64_t open_files = UINT64_MAX;
  // A little later, so that certificates which a test makes are good already.
  std::chrono::system_clock::time_point time =
      std::chrono::system_clock::now() + std::chrono::hours(1);
  bool keeps_clock = true;
};

auto finding(Finding::Severity severity, const std::string& what, const std::string& remedy) {
  return AllOf(Field(&Finding::severity, severity), Field(&Finding::what, HasSubstr(what)),
               Field(&Finding::remedy, HasSubstr(remedy)));
}

class DoctorTest : public testing::Test {
 protected:
  using Check = void (*)(const RunConfig&, const Machine&, Findings&);

  DoctorTest() {
    config_.network.use_ipv6 = false;
    config_.network.address_ipv4 = "127.0.0.1:0";
    config_.metrics.run_prometheus_endpoint = false;
  }

  void write(const std::string& path, std::string_view text) {
    const std::filesystem::path file = folder_.path() + path;
    std::filesystem::create_directories(file.parent_path());
    folder_.write(path.substr(1), text);
  }
  Findings findings_of(Check check) {
    Findings findings;
    check(config_, machine_, findings);
    return findings;
  }

  const test::ScratchFolder folder_;
  FakeMachine machine_{folder_.path()};
  RunConfig config_;
};

TEST_F(DoctorTest, ReceiveBuffersHaveToBeGranted) {
  EXPECT_THAT(findings_of(check_receive_buffer), IsEmpty()) << "the kernel does not say";
  write("/proc/sys/net/core/rmem_max", "212992\n");
  EXPECT_THAT(findings_of(check_receive_buffer),
              ElementsAre(finding(risk, "212992", "sysctl -w net.core.rmem_max=8000000")));
  write("/proc/sys/net/core/rmem_max", "8000000\n");
  EXPECT_THAT(findings_of(check_receive_buffer), IsEmpty());
}

TEST_F(DoctorTest, ConnectionsNeedFilesAndABacklog) {
  write("/proc/sys/net/core/somaxconn", "128\n");
  machine_.open_files = 1024;
  EXPECT_THAT(findings_of(check_backlog), ElementsAre(finding(hint, "128", "somaxconn=1024")));
  EXPECT_THAT(findings_of(check_open_files), ElementsAre(finding(risk, "1024", "LimitNOFILE=")));
  config_.http.enable = config_.ws.enable = false;
  EXPECT_THAT(findings_of(check_backlog), IsEmpty()) << "UDP has no connections";
  EXPECT_THAT(findings_of(check_open_files), IsEmpty());
}

TEST_F(DoctorTest, ConnectionTrackingIsWorseTheFullerItIs) {
  EXPECT_THAT(findings_of(check_connection_tracking), IsEmpty());
  write("/proc/sys/net/netfilter/nf_conntrack_max", "1000\n");
  write("/proc/sys/net/netfilter/nf_conntrack_count", "10\n");
  EXPECT_THAT(findings_of(check_connection_tracking), ElementsAre(finding(hint, "10", "notrack")));
  write("/proc/sys/net/netfilter/nf_conntrack_count", "900\n");
  EXPECT_THAT(findings_of(check_connection_tracking), ElementsAre(finding(risk, "900", "notrack")));
}

TEST_F(DoctorTest, TheMachineMayBeShortOfMemoryOrHaveLostDatagrams) {
  write("/proc/meminfo", "MemAvailable: 102400 kB\n");
  EXPECT_THAT(findings_of(check_memory), ElementsAre(finding(risk, "100 MiB", "memory")));
  write("/proc/meminfo", "MemAvailable: 10240000 kB\n");
  EXPECT_THAT(findings_of(check_memory), IsEmpty());
  write("/proc/net/snmp", "Udp: RcvbufErrors\nUdp: 17\n");
  EXPECT_THAT(findings_of(check_datagram_drops), ElementsAre(finding(hint, "17", "nstat")));
}

TEST_F(DoctorTest, TheClockHasToBeRight) {
  EXPECT_THAT(findings_of(check_clock), IsEmpty());
  machine_.keeps_clock = false;
  EXPECT_THAT(findings_of(check_clock), ElementsAre(finding(hint, "clock", "set-ntp")));
  machine_.time = {};
  EXPECT_THAT(findings_of(check_clock), ElementsAre(finding(risk, "1970-01-01", "set-ntp")));
  config_.network.enable_tls = true;
  EXPECT_THAT(findings_of(check_clock), ElementsAre(finding(broken, "1970-01-01", "set-ntp")));
}

TEST_F(DoctorTest, CertificatesExpire) {
  const test::Certificates files;
  files.make_self_signed("issuer");
  files.issue("tracker", "issuer", 60);
  files.write("full.pem", files.read("tracker.pem") + files.read("issuer.pem"));
  config_.network.tls_certificate_path = files.path("full.pem");
  config_.network.tls_private_key_path = files.path("none.key");
  EXPECT_THAT(findings_of(check_certificate), IsEmpty()) << "nobody needs it";
  config_.network.enable_tls = true;
  EXPECT_THAT(findings_of(check_certificate), ElementsAre(finding(broken, "none.key", "TLS")));
  config_.network.tls_private_key_path = files.path("tracker.key");
  EXPECT_THAT(findings_of(check_certificate), ElementsAre(finding(risk, "in 1 days", "SIGUSR1")))
      << "the issuer's is good for two days";
  machine_.time += std::chrono::days(30);
  EXPECT_THAT(findings_of(check_certificate), ElementsAre(finding(broken, "expired", "SIGUSR1")));
  machine_.time -= std::chrono::days(60);
  EXPECT_THAT(findings_of(check_certificate), ElementsAre(finding(broken, "not valid", "clock")));
}

TEST_F(DoctorTest, CertificatesAreTrustedByTheirIssuers) {
  const test::Certificates files;
  files.make_self_signed("issuer");
  files.make_self_signed("other");
  files.issue("tracker", "issuer", 60);
  files.write("gap.pem", files.read("tracker.pem") + files.read("other.pem"));
  config_.network.enable_tls = true;
  config_.network.tls_private_key_path = files.path("tracker.key");
  config_.network.tls_certificate_path = files.path("tracker.pem");
  EXPECT_THAT(findings_of(check_certificate), ElementsAre(finding(risk, "issuer", "fullchain")));
  config_.network.tls_certificate_path = files.path("gap.pem");
  EXPECT_THAT(findings_of(check_certificate), Contains(finding(broken, "signed", "fullchain")));
  config_.network.tls_private_key_path = files.path("other.key");
  config_.network.tls_certificate_path = files.path("other.pem");
  EXPECT_THAT(findings_of(check_certificate), Contains(finding(hint, "by itself", "authority")));
}

TEST_F(DoctorTest, PortsMayBeTaken) {
  EXPECT_THAT(findings_of(check_ports), IsEmpty());
  const net::TcpListeners taken =
      net::open_tcp_listeners({.address = *Endpoint::parse("127.0.0.1:0")});
  static_cast<Endpoint&>(config_.network.address_ipv4) = taken.address;
  EXPECT_THAT(findings_of(check_ports), ElementsAre(finding(risk, "TCP 127.0.0.1", "ss -lnp")));
  config_.network.address_ipv4 = "192.0.2.1:0";  // RFC 5737: nobody has it.
  config_.ws.enable = config_.http.enable = false;
  EXPECT_THAT(findings_of(check_ports), ElementsAre(finding(broken, "UDP 192.0.2.1", "address")));
}

TEST_F(DoctorTest, TheWorstComesFirst) {
  write("/proc/sys/net/core/somaxconn", "128\n");
  write("/proc/sys/net/core/rmem_max", "212992\n");
  config_.access_list.mode = access_list::Mode::allow;
  config_.access_list.path = "/nowhere/list.txt";
  EXPECT_THAT(examine(config_, machine_),
              ElementsAre(finding(broken, "/nowhere/list.txt", "start"),
                          finding(risk, "recv_buffer", ""), finding(hint, "backlog", "")));
}

}  // namespace
}  // namespace aquatic::server
