// SPDX-License-Identifier: Apache-2.0
#include "net/udp_socket.h"

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "net/bound_socket.h"
#include "net/packet_info.h"

namespace aquatic::net {
namespace {

// One address to bind, and what is the same for all sockets bound to it.
struct Binding {
  Endpoint address;
  bool only_ipv6 = true;
  bool has_packet_info = false;
};

[[noreturn]] void fail(const Endpoint& address, int error) {
  fail_to_listen("UDP", address, error);
}

// No fragments of ours, and no identification number drawn for each datagram: 1-4 % less CPU.
// Only a saving, hence no failure where a kernel will not; a dual-stack socket takes both.
void avoid_fragments(const FileDescriptor& fd, const Endpoint& address) {
  set_option(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (address.ip.is_v4()) return;
  set_option(fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
}

FileDescriptor open_socket(const Binding& binding) {
  FileDescriptor fd(socket(family_of(binding.address), SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
  if (!fd.is_open()) fail(binding.address, errno);
  avoid_fragments(fd, binding.address);
  if (binding.address.ip.is_v4()) return fd;
  if (!set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, binding.only_ipv6 ? 1 : 0)) {
    fail(binding.address, errno);
  }
  return fd;
}

void share_port(const FileDescriptor& fd, const Endpoint& address) {
  if (!set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1)) fail(address, errno);
}

void bind_or_fail(const FileDescriptor& fd, const Endpoint& address) {
  if (const int error = bind_to(fd, address); error != 0) fail(address, error);
}

// Holds the port against everybody else until our own sockets have it: bound while it may not be
// shared yet, so that it fails where any other socket is, and opened to sharing afterwards.
FileDescriptor claim_port(Binding& binding) {
  FileDescriptor guard = open_socket(binding);
  bind_or_fail(guard, binding.address);
  binding.address.port = bound_port(guard);
  share_port(guard, binding.address);
  return guard;
}

std::uint32_t receive_buffer_bytes(int fd) {
  int value = 0;
  socklen_t length = sizeof(value);
  CHECK(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &length) == 0);
  return static_cast<std::uint32_t>(value) / 2;  // The kernel doubles it for its own overhead.
}

void prepare_receiver(const FileDescriptor& fd, const Binding& binding,
                      std::uint32_t buffer_bytes) {
  if (buffer_bytes > 0) {
    // The kernel doubles what it is given, in an int.
    const int bytes = static_cast<int>(std::min<std::uint32_t>(buffer_bytes, INT32_MAX / 2));
    if (!set_option(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
      set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, bytes);  // Capped, which the caller reports.
    }
  }
  if (binding.has_packet_info && !enable_packet_info(fd.get(), family_of(binding.address))) {
    fail(binding.address, errno);
  }
}

FileDescriptor open_receiver(const Binding& binding, std::uint32_t buffer_bytes) {
  FileDescriptor fd = open_socket(binding);
  prepare_receiver(fd, binding, buffer_bytes);
  share_port(fd, binding.address);
  bind_or_fail(fd, binding.address);
  return fd;
}

// A socket of the group that only sends: the program gives it nothing, and should one ever be
// detached, the filter drops what comes.
FileDescriptor open_sender(const Binding& binding) {
  FileDescriptor fd = open_socket(binding);
  std::array<sock_filter, 1> drop_all{{BPF_STMT(BPF_RET | BPF_K, 0)}};
  const sock_fprog program{.len = drop_all.size(), .filter = drop_all.data()};
  setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, 0);  // The kernel's least.
  share_port(fd, binding.address);
  bind_or_fail(fd, binding.address);
  return fd;
}

std::array<sock_filter, 3> random_steering(std::size_t worker_count) {
  return {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM)),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, static_cast<std::uint32_t>(worker_count)),
      BPF_STMT(BPF_RET | BPF_A, 0),
  }};
}

// Without a program the kernel would spread datagrams over senders too.
std::string steer(int fd, const UdpOptions& options) {
  const auto random = random_steering(options.worker_count);
  const int error = attach_steering(
      fd, options.steering.empty() ? std::span<const sock_filter>(random) : options.steering);
  return error == 0 ? std::string() : std::strerror(error);
}

// One that somebody else has bound, as open_receiver() would have left it: it waits for datagrams,
// for one thing.
FileDescriptor adopt_receiver(FileDescriptor fd, const Binding& binding,
                              std::uint32_t buffer_bytes) {
  if (fcntl(fd.get(), F_SETFL, 0) != 0) fail(binding.address, errno);
  avoid_fragments(fd, binding.address);
  prepare_receiver(fd, binding, buffer_bytes);
  return fd;
}

void note_receive_buffer(UdpGroup& group, const UdpOptions& options) {
  group.receive_buffer_bytes = receive_buffer_bytes(group.sockets.front().receive.get());
  group.is_receive_buffer_capped = group.receive_buffer_bytes < options.receive_buffer_bytes;
}

// The order decides who gets what: receivers are numbered as they are bound, beginning with
// `first`, and senders may come only once the program is there.
UdpGroup open_group(const Binding& binding, const UdpOptions& options, FileDescriptor first) {
  UdpGroup group{.address = binding.address, .sockets = {}, .steering_error = {}};
  group.sockets.push_back({std::move(first), {}});
  while (group.sockets.size() < options.worker_count) {
    group.sockets.push_back({open_receiver(binding, options.receive_buffer_bytes), {}});
  }
  note_receive_buffer(group, options);
  group.steering_error = steer(group.sockets.front().receive.get(), options);
  for (UdpSocketPair& pair : group.sockets) {
    pair.send = group.steering_error.empty() ? open_sender(binding)
                                             : duplicate(pair.receive, "UDP", binding.address);
  }
  return group;
}

// A group of one socket, for all workers: the kernel hands each datagram to one of those who wait.
UdpGroup share(const FileDescriptor& fd, const Binding& binding, const UdpOptions& options) {
  UdpGroup group{
      .address = binding.address, .sockets = {}, .steering_error = {}, .is_shared = true};
  for (std::size_t i = 0; i < options.worker_count; ++i) {
    group.sockets.push_back(
        {duplicate(fd, "UDP", binding.address), duplicate(fd, "UDP", binding.address)});
  }
  note_receive_buffer(group, options);
  if (options.worker_count > 1) {
    group.steering_error =
        "no other socket can be bound beside that of the service manager, so all workers share it";
  }
  return group;
}

// An address of the machine that cannot be bound (IPv6 still probing for a duplicate, or just
// gone) is left to the catch-all.
bool can_bind(const Binding& binding) {
  const FileDescriptor fd = open_socket(binding);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  return bind_to(fd, binding.address) != EADDRNOTAVAIL;
}

std::vector<PlannedGroup> plan_of(const UdpOptions& options) {
  const IpAddress& ip = options.address.ip;
  return plan_groups(ip, !ip.is_v4() && !options.only_ipv6, options.address_mode,
                     ip.is_unspecified() ? local_addresses() : std::vector<IpAddress>());
}

}  // namespace

std::vector<UdpGroup> open_udp_groups(const UdpOptions& options, FileDescriptor inherited) {
  CHECK(options.worker_count > 0);
  const bool is_inherited = inherited.is_open();
  Binding binding{options.address, options.only_ipv6, false};
  FileDescriptor guard;
  if (is_inherited) {
    binding.address.port = bound_port(inherited);
    check_inherited(inherited, "UDP", binding.address, options.only_ipv6);
  } else {
    guard = claim_port(binding);
  }
  std::vector<PlannedGroup> plan = plan_of(options);
  const bool is_shared = is_inherited && !can_share_port(inherited, binding.address);
  if (is_shared) plan.erase(plan.begin(), plan.end() - 1);
  std::vector<UdpGroup> groups;
  for (const PlannedGroup& planned : plan) {
    binding.address.ip = planned.address;
    binding.has_packet_info = planned.has_packet_info;
    const bool is_last = &planned == &plan.back();
    if (!is_last && !can_bind(binding)) continue;
    FileDescriptor first =
        is_last && is_inherited
            ? adopt_receiver(std::move(inherited), binding, options.receive_buffer_bytes)
            : open_receiver(binding, options.receive_buffer_bytes);
    if (is_last) guard.reset();  // The first receiver has the port.
    groups.push_back(is_shared ? share(first, binding, options)
                               : open_group(binding, options, std::move(first)));
  }
  return groups;
}

bool is_supported(Family family) noexcept {
  const FileDescriptor fd(
      socket(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
  return fd.is_open() || errno != EAFNOSUPPORT;
}

std::uint32_t kernel_drops(int fd) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof(info);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &length) != 0) return 0;
  return info[SK_MEMINFO_DROPS];
}

int attach_steering(int fd, std::span<const sock_filter> program) noexcept {
  const sock_fprog attached{.len = static_cast<unsigned short>(program.size()),
                            .filter = const_cast<sock_filter*>(program.data())};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &attached, sizeof(attached)) == 0
             ? 0
             : errno;
}

}  // namespace aquatic::net
