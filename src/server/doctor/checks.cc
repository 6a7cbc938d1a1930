// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/checks.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <iterator>
#include <set>

#include "access_list/access_list.h"
#include "net/datagram_backends.h"
#include "net/tls_facts.h"
#include "server/doctor/check_ports.h"
#include "server/tracker.h"

namespace aquatic::server {
namespace {

using enum Finding::Severity;

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;
// Below this a busy day ends with the kernel choosing what to kill.
constexpr std::uint64_t kLittleMemory = 256 * kMebibyte;
// Descriptors that are no connections: listeners, timers, files.
constexpr std::uint64_t kOtherFiles = 256;
// Of a table of connections, from which on it is as good as full: one burst fills the rest.
constexpr double kNearlyFull = 0.75;
constexpr std::chrono::hours kExpiresSoon{14 * 24};
// Nobody can have installed this before.
constexpr std::chrono::sys_days kEarliestDay{std::chrono::year(2024) / 1 / 1};

// Firewall rules that leave the datagrams of the tracker alone. Quoted, as shells have their own
// ideas of braces.
std::string exemption(const RunConfig& config) {
  std::set<std::uint16_t> distinct;
  for (const Endpoint& address : addresses_of(config)) distinct.insert(address.port);
  const std::string ports = distinct.size() == 1
                                ? fmt::format("{}", *distinct.begin())
                                : fmt::format("{{ {} }}", fmt::join(distinct, ", "));
  std::string rules = fmt::format(
      "exempt the tracker's datagrams, and put that where the firewall is set up at the start:\n"
      "nft add table inet aquatic\n"
      "nft 'add chain inet aquatic prerouting {{ type filter hook prerouting priority raw; }}'\n"
      "nft 'add chain inet aquatic output {{ type filter hook output priority raw; }}'\n"
      "nft 'add rule inet aquatic prerouting udp dport {0} notrack'\n"
      "nft 'add rule inet aquatic output udp sport {0} notrack'\n"
      "or, where the firewall is one of iptables, the same for iptables and ip6tables:",
      ports);
  for (const std::uint16_t port : distinct) {
    rules += fmt::format(
        "\niptables -t raw -A PREROUTING -p udp --dport {0} -j CT --notrack"
        "\niptables -t raw -A OUTPUT -p udp --sport {0} -j CT --notrack",
        port);
  }
  return rules;
}

// What to do where a ring cannot be had; `error` is what errno says.
std::string io_uring_remedy(int error, const Machine& machine) {
  const std::uint64_t disabled = machine.number("/proc/sys/kernel/io_uring_disabled").value_or(0);
  switch (error) {
    case EPERM:
    case EACCES:
      if (disabled == 2) return "sysctl -w kernel.io_uring_disabled=0: nobody may use it now";
      if (disabled == 1) {
        return "sysctl -w kernel.io_uring_group=N, a group of the tracker's user by its number: "
               "only that group and root may use it now; or kernel.io_uring_disabled=0 for all";
      }
      return "a seccomp profile forbids it: let that of the container allow io_uring_setup, "
             "io_uring_enter and io_uring_register, or the unit say SystemCallFilter=@aio";
    case ENOSYS: return "a kernel with CONFIG_IO_URING, or a seccomp profile that does not hide it";
    case EINVAL: return "Linux 6.1 or newer";
    case ENOMEM: return "LimitMEMLOCK=64M in the unit of systemd, or ulimit -l 65536";
    default: return "look at the kernel's log";
  }
}

void judge_certificate(const std::string& path, std::chrono::system_clock::time_point now,
                       const net::TlsFacts& facts, Findings& findings) {
  constexpr const char* kRenew = "renew it, then send the tracker SIGUSR1";
  const auto left = facts.expires - now;
  if (left <= std::chrono::seconds(0)) {
    findings.push_back({broken, path + " has expired", kRenew});
  } else if (left <= kExpiresSoon) {
    const auto days = std::chrono::duration_cast<std::chrono::hours>(left).count() / 24;
    findings.push_back({risk, fmt::format("{} expires in {} days", path, days), kRenew});
  }
  if (facts.begins > now) {
    findings.push_back({broken,
                        fmt::format("{} is not valid before {:%Y-%m-%d}", path, facts.begins),
                        "look at the clock of this machine, and at that of who issued it"});
  }
  if (!facts.is_linked) {
    findings.push_back({broken,
                        path + " has a certificate that the next one in it has not signed: "
                               "most programs will refuse it",
                        "the server's own comes first, then its issuer, then the issuer of that, "
                        "as in certbot's fullchain.pem"});
  } else if (facts.is_self_signed) {
    findings.push_back({hint, path + " is signed by itself: only who was told of it will trust it",
                        "get a certificate from an authority"});
  } else if (!facts.has_issuers) {
    findings.push_back({risk,
                        path + " has the server's certificate only: programs that do not know its "
                               "issuer will refuse it, though browsers may find it",
                        "append the issuer's, as in certbot's fullchain.pem"});
  }
}

}  // namespace

void check_receive_buffer(const RunConfig& config, const Machine& machine, Findings& findings) {
  const std::uint64_t wanted = config.udp.socket_recv_buffer_size;
  const auto granted = machine.number("/proc/sys/net/core/rmem_max");
  if (!config.udp.enable || !granted || *granted >= wanted) return;
  findings.push_back(
      {risk,
       fmt::format("udp.socket_recv_buffer_size is {}, but without CAP_NET_ADMIN the kernel grants "
                   "no more than {}: bursts are lost",
                   wanted, *granted),
       fmt::format("sysctl -w net.core.rmem_max={}", wanted)});
}

void check_backlog(const RunConfig& config, const Machine& machine, Findings& findings) {
  const auto wanted = static_cast<std::uint64_t>(config.network.tcp_backlog);
  const auto granted = machine.number("/proc/sys/net/core/somaxconn");
  if (!has_tcp(config) || !granted || *granted >= wanted) return;
  findings.push_back({hint,
                      fmt::format("network.tcp_backlog is {}, but the kernel lets no more than {} "
                                  "connections wait",
                                  wanted, *granted),
                      fmt::format("sysctl -w net.core.somaxconn={}", wanted)});
}

void check_open_files(const RunConfig& config, const Machine& machine, Findings& findings) {
  // Whoever sets no limit wants at least what would be one otherwise.
  const bool is_unlimited = config.limits.max_connections == 0;
  const std::uint64_t wanted =
      (is_unlimited ? RunConfig().limits.max_connections : config.limits.max_connections) +
      kOtherFiles;
  const std::uint64_t allowed = machine.max_open_files();
  if (!has_tcp(config) || allowed >= wanted) return;
  findings.push_back(
      {risk,
       fmt::format("limits.max_connections is {}, but the process may have no more than {} files "
                   "open: connections beyond that are refused",
                   is_unlimited ? "0, which is no limit" : fmt::to_string(wanted - kOtherFiles),
                   allowed),
       fmt::format("LimitNOFILE={} in the unit of systemd, or ulimit -n", wanted)});
}

void check_connection_tracking(const RunConfig& config, const Machine& machine,
                               Findings& findings) {
  const auto room = machine.number("/proc/sys/net/netfilter/nf_conntrack_max");
  const auto used = machine.number("/proc/sys/net/netfilter/nf_conntrack_count");
  if (!room || !used) return;  // Not there.
  const std::string remedy =
      config.udp.enable ? exemption(config)
                        : fmt::format("sysctl -w net.netfilter.nf_conntrack_max={}", 4 * *room);
  if (*used >= *room) {
    findings.push_back({broken,
                        fmt::format("the firewall's table of connections is full, {} of at most "
                                    "{}: peers that are not in it are dropped",
                                    *used, *room),
                        remedy});
    return;
  }
  const bool is_nearly_full = static_cast<double>(*used) > kNearlyFull * static_cast<double>(*room);
  findings.push_back(
      {is_nearly_full ? risk : hint,
       fmt::format("the firewall tracks connections, {} of at most {}: each peer takes one, and "
                   "when there is no more room, peers are dropped",
                   *used, *room),
       remedy});
}

void check_datagram_drops(const RunConfig& config, const Machine& machine, Findings& findings) {
  const std::uint64_t of_ipv4 =
      machine.column("/proc/net/snmp", "Udp:", "RcvbufErrors").value_or(0);
  const std::uint64_t of_ipv6 =
      machine.number_of("/proc/net/snmp6", "Udp6RcvbufErrors").value_or(0);
  if (!config.udp.enable || of_ipv4 + of_ipv6 == 0) return;
  findings.push_back(
      {hint,
       fmt::format("since it was started, this machine has dropped {} datagrams of IPv4 and {} of "
                   "IPv6 whose receive buffer was full",
                   of_ipv4, of_ipv6),
       "see whether it still does: nstat -az UdpRcvbufErrors Udp6RcvbufErrors; if so, more "
       "socket_workers, or a larger net.core.rmem_max"});
}

void check_memory(const RunConfig&, const Machine& machine, Findings& findings) {
  const auto kibibytes = machine.number_of("/proc/meminfo", "MemAvailable:");
  if (!kibibytes || *kibibytes * 1024 >= kLittleMemory) return;
  findings.push_back(
      {risk,
       fmt::format("{} MiB of memory are available; ten million torrents with a peer "
                   "each take about 900",
                   *kibibytes * 1024 / kMebibyte),
       "a shorter cleaning.max_peer_age, an access list, or more memory"});
}

void check_clock(const RunConfig& config, const Machine& machine, Findings& findings) {
  if (machine.now() < kEarliestDay) {
    findings.push_back({config.network.enable_tls ? broken : risk,
                        fmt::format("the clock says {:%Y-%m-%d}", machine.now()),
                        "set it, and let it be kept: timedatectl set-ntp true"});
  } else if (!machine.is_clock_kept()) {
    findings.push_back({hint, "nothing keeps the clock right, as far as the kernel knows",
                        "timedatectl set-ntp true, unless the host of this machine does it"});
  }
}

void check_certificate(const RunConfig& config, const Machine& machine, Findings& findings) {
  const auto& network = config.network;
  if (!has_tcp(config) || !network.enable_tls) return;
  try {
    judge_certificate(
        network.tls_certificate_path, machine.now(),
        net::read_tls_facts(network.tls_certificate_path, network.tls_private_key_path), findings);
  } catch (const std::exception& error) {
    findings.push_back({broken, error.what(), "TLS cannot be served until that is right"});
  }
}

void check_access_list_file(const RunConfig& config, const Machine&, Findings& findings) {
  try {
    check_access_list(tracker_options(config));
  } catch (const std::exception& error) {
    findings.push_back({broken, error.what(), "the tracker does not start until that is right"});
  }
}

void check_io_uring(const RunConfig& config, const Machine& machine, Findings& findings) {
  if (!config.udp.enable || config.udp.io_backend != IoBackend::io_uring) return;
  if (const int error = machine.io_uring_error(); error != 0) {
    findings.push_back({hint,
                        fmt::format("udp.io_backend is io_uring, but {} will be used: this process "
                                    "gets no ring ({})",
                                    net::datagram_backends().front().name, strerror(error)),
                        io_uring_remedy(error, machine) + "; or udp.io_backend = \"auto\""});
    return;
  }
  const net::BackendChoice choice = net::choose_datagram_backend("io_uring");
  if (choice.reason.empty()) return;
  findings.push_back({hint,
                      fmt::format("udp.io_backend is io_uring, but {} will be used: {}",
                                  choice.backend->name, choice.reason),
                      "a newer kernel; or udp.io_backend = \"auto\""});
}

Findings examine(const RunConfig& config, const Machine& machine) {
  Findings found;
  for (const auto check :
       {check_ports, check_certificate, check_access_list_file, check_receive_buffer,
        check_open_files, check_connection_tracking, check_memory, check_clock, check_backlog,
        check_datagram_drops, check_io_uring}) {
    check(config, machine, found);
  }
  Findings findings;
  for (const auto severity : {broken, risk, hint}) {
    std::ranges::copy_if(found, std::back_inserter(findings),
                         [=](const Finding& each) { return each.severity == severity; });
  }
  return findings;
}

}  // namespace aquatic::server
