// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/server/doctor/doctor_rig.h"
#include "tests/support/certificates.h"

namespace aquatic::server {
namespace {

using test::DoctorTest;
using test::finding;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Finding::Severity;

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

TEST_F(DoctorTest, ManyConnectionsAreMeantWhereNoLimitIsSet) {
  config_.limits.max_connections = 0;
  machine_.open_files = 1024;
  EXPECT_THAT(findings_of(check_open_files),
              ElementsAre(finding(risk, "0, which is no limit", "LimitNOFILE=100256")));
  machine_.open_files = 100'256;
  EXPECT_THAT(findings_of(check_open_files), IsEmpty());
}

TEST_F(DoctorTest, ConnectionTrackingIsWorseTheFullerItIs) {
  EXPECT_THAT(findings_of(check_connection_tracking), IsEmpty());
  write("/proc/sys/net/netfilter/nf_conntrack_max", "1000\n");
  write("/proc/sys/net/netfilter/nf_conntrack_count", "10\n");
  EXPECT_THAT(findings_of(check_connection_tracking), ElementsAre(finding(hint, "10", "notrack")));
  for (const char* count : {"751\n", "999\n"}) {
    write("/proc/sys/net/netfilter/nf_conntrack_count", count);
    EXPECT_THAT(findings_of(check_connection_tracking), ElementsAre(finding(risk, "", "notrack")));
  }
  for (const char* count : {"1000\n", "1001\n"}) {
    write("/proc/sys/net/netfilter/nf_conntrack_count", count);
    EXPECT_THAT(findings_of(check_connection_tracking),
                ElementsAre(finding(broken, "is full", "notrack")));
  }
  config_.udp.enable = false;
  EXPECT_THAT(findings_of(check_connection_tracking),
              ElementsAre(finding(broken, "is full", "nf_conntrack_max=4000")));
}

TEST_F(DoctorTest, TheRulesOfAFirewallCanBePasted) {
  write("/proc/sys/net/netfilter/nf_conntrack_max", "1000\n");
  write("/proc/sys/net/netfilter/nf_conntrack_count", "10\n");
  config_.network.address_ipv4 = "0.0.0.0:3000";
  const char* const set_up =
      "nft add table inet aquatic\n"
      "nft 'add chain inet aquatic prerouting { type filter hook prerouting priority raw; }'\n"
      "nft 'add chain inet aquatic output { type filter hook output priority raw; }'\n";
  EXPECT_THAT(findings_of(check_connection_tracking),
              ElementsAre(AllOf(
                  finding(hint, "", set_up),
                  finding(hint, "",
                          "nft 'add rule inet aquatic prerouting udp dport 3000 notrack'\n"
                          "nft 'add rule inet aquatic output udp sport 3000 notrack'\n"),
                  finding(hint, "",
                          "\niptables -t raw -A PREROUTING -p udp --dport 3000 -j CT --notrack"
                          "\niptables -t raw -A OUTPUT -p udp --sport 3000 -j CT --notrack"))));
  config_.network.use_ipv6 = true;
  config_.network.address_ipv6 = "[::]:3001";
  EXPECT_THAT(findings_of(check_connection_tracking),
              ElementsAre(finding(hint, "", "udp dport { 3000, 3001 } notrack'")));
}

TEST_F(DoctorTest, TheMachineMayBeShortOfMemory) {
  write("/proc/meminfo", "MemAvailable: 102400 kB\n");
  EXPECT_THAT(findings_of(check_memory), ElementsAre(finding(risk, "100 MiB", "memory")));
  write("/proc/meminfo", "MemAvailable: 10240000 kB\n");
  EXPECT_THAT(findings_of(check_memory), IsEmpty());
}

TEST_F(DoctorTest, DatagramsAreDroppedInEachFamily) {
  EXPECT_THAT(findings_of(check_datagram_drops), IsEmpty());
  write("/proc/net/snmp6", "Udp6InErrors\t23\nUdp6RcvbufErrors                 \t0\n");
  write("/proc/net/snmp", "Udp: RcvbufErrors\nUdp: 0\n");
  EXPECT_THAT(findings_of(check_datagram_drops), IsEmpty());
  write("/proc/net/snmp6", "Udp6InErrors\t23\nUdp6RcvbufErrors                 \t19\n");
  EXPECT_THAT(findings_of(check_datagram_drops),
              ElementsAre(finding(hint, "0 datagrams of IPv4 and 19 of IPv6", "nstat")));
  write("/proc/net/snmp", "Udp: RcvbufErrors\nUdp: 17\n");
  EXPECT_THAT(findings_of(check_datagram_drops),
              ElementsAre(finding(hint, "17 datagrams of IPv4 and 19 of IPv6", "nstat")));
  config_.udp.enable = false;
  EXPECT_THAT(findings_of(check_datagram_drops), IsEmpty());
}

TEST_F(DoctorTest, IoUringIsKeptAwayInManyWays) {
  machine_.uring_error = EPERM;
  EXPECT_THAT(findings_of(check_io_uring), IsEmpty()) << "nobody wants it";
  config_.udp.io_backend = IoBackend::io_uring;
  const auto is_advised = [&](const std::string& remedy) {
    EXPECT_THAT(findings_of(check_io_uring),
                ElementsAre(finding(hint, "mmsg will be used", remedy)));
  };
  is_advised("seccomp profile forbids it");
  write("/proc/sys/kernel/io_uring_disabled", "0\n");
  is_advised("seccomp profile forbids it");
  write("/proc/sys/kernel/io_uring_disabled", "1\n");
  is_advised("kernel.io_uring_group=N");
  write("/proc/sys/kernel/io_uring_disabled", "2\n");
  is_advised("sysctl -w kernel.io_uring_disabled=0: nobody");
  machine_.uring_error = ENOSYS;
  is_advised("CONFIG_IO_URING");
  machine_.uring_error = EINVAL;
  is_advised("Linux 6.1");
  machine_.uring_error = ENOMEM;
  is_advised("LimitMEMLOCK=");
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
