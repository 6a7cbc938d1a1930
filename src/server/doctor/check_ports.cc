// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/check_ports.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "net/bound_socket.h"

namespace aquatic::server {
namespace {

using enum Finding::Severity;

// Why the tracker could not have this port; 0 if it could.
int bind_error(const Endpoint& address, int type) {
  const FileDescriptor socket(::socket(net::family_of(address), type | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return errno;
  net::set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (!address.ip.is_v4()) net::set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return net::bind_to(socket, address);
}

// A port that the settings name, of whichever protocol.
struct Port {
  Endpoint address;
  int type;
  std::string to_string() const {
    return fmt::format("{} {}", type == SOCK_STREAM ? "TCP" : "UDP", address.to_string());
  }
};

std::vector<Port> ports_of(const RunConfig& config) {
  std::vector<Port> ports;
  for (const Endpoint& address : addresses_of(config)) {
    if (config.udp.enable) ports.push_back({address, SOCK_DGRAM});
    if (has_tcp(config)) ports.push_back({address, SOCK_STREAM});
  }
  if (config.metrics.run_prometheus_endpoint) {
    ports.push_back({config.metrics.prometheus_endpoint_address, SOCK_STREAM});
  }
  return ports;
}

std::string to_string(const PortHolder& holder) {
  return fmt::format("{} (process {})", holder.program, holder.pid);
}

// The one that tells most of those who share it: a tracker before systemd, which has opened it.
const PortHolder* foremost(const std::vector<PortHolder>& holders) {
  const auto tracker = std::ranges::find_if(
      holders, [](const PortHolder& each) { return each.program.starts_with("aquatic"); });
  if (tracker != holders.end()) return &*tracker;
  return holders.empty() ? nullptr : &holders.back();
}

// Ports in use, by whom they are used.
class PortsInUse {
 public:
  void add(const Port& port, const std::vector<PortHolder>& holders) {
    const PortHolder* const holder = foremost(holders);
    std::string& ports = ports_of_[holder == nullptr ? PortHolder{} : *holder];
    ports += (ports.empty() ? "" : ", ") + port.to_string();
  }

  void report(Findings& findings) const {
    for (const auto& [holder, ports] : ports_of_) findings.push_back(judge(holder, ports));
  }

 private:
  struct ByPid {
    bool operator()(const PortHolder& a, const PortHolder& b) const { return a.pid < b.pid; }
  };

  static Finding judge(const PortHolder& holder, const std::string& ports) {
    if (holder.pid == 0) {
      return {risk, ports + ": in use, perhaps by a tracker that runs already",
              "ss -lntup, as root, tells by whom"};
    }
    const std::string what = fmt::format("{}: in use by {}", ports, to_string(holder));
    if (holder.program.starts_with("aquatic")) {
      return {hint, what + ", a tracker that runs already",
              "stop it before another one is started there"};
    }
    if (holder.program == "systemd") {
      return {hint, what + ", which has opened it for a unit",
              "systemctl list-sockets tells for which: it should be the tracker's"};
    }
    return {broken, what, "stop that, or choose another port"};
  }

  std::map<PortHolder, std::string, ByPid> ports_of_;
};

void check_port(const Port& port, const Machine& machine, PortsInUse& in_use, Findings& findings) {
  const int error = bind_error(port.address, port.type);
  if (error == 0 || error == EAFNOSUPPORT) return;
  const std::string where = port.to_string();
  if (error == EADDRINUSE) {
    in_use.add(port, machine.port_holders(port.address, port.type));
  } else if (error == EACCES) {
    findings.push_back({broken, where + " is not for ordinary users",
                        "start as root with privileges.drop_privileges, or grant "
                        "CAP_NET_BIND_SERVICE, as the packaged unit does"});
  } else {
    findings.push_back({broken, fmt::format("{} cannot be listened on: {}", where, strerror(error)),
                        "choose an address of this machine, or 0.0.0.0 and [::] for all of them"});
  }
}

}  // namespace

void check_ports(const RunConfig& config, const Machine& machine, Findings& findings) {
  PortsInUse in_use;
  for (const Port& port : ports_of(config)) check_port(port, machine, in_use, findings);
  in_use.report(findings);
}

}  // namespace aquatic::server
