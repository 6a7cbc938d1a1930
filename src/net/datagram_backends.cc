// SPDX-License-Identifier: Apache-2.0
#include "net/datagram_backends.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "net/mmsg_socket.h"
#include "net/socket_address.h"
#include "net/uring_ring.h"
#include "net/uring_socket.h"

namespace aquatic::net {
namespace {

template <class Socket>
std::unique_ptr<DatagramSocket> open(UdpSocketPair sockets, const DatagramSocketOptions& options) {
  return std::make_unique<Socket>(std::move(sockets), options);
}

// Has `client` ask `server`, which is at `address`, and get an answer.
Expected<void, std::string> exchange(DatagramSocket& server, const Endpoint& address, int client) {
  constexpr std::chrono::milliseconds kPatience{1000};  // Loopback takes microseconds.
  std::byte byte{42};
  const SocketAddress to = to_socket_address(address);
  if (sendto(client, &byte, 1, 0, &to.any, length_of(to)) != 1) {
    return Unexpected<std::string>("the loopback interface does not work");
  }
  const std::span<Datagram> batch = server.receive(kPatience);
  if (batch.size() != 1) return Unexpected<std::string>("it does not receive");
  batch.front().response_bytes = 1;
  server.send(batch);
  server.flush();
  if (recv(client, &byte, 1, MSG_DONTWAIT) != 1) return Unexpected<std::string>("it does not send");
  return {};
}

Expected<void, std::string> probe_nothing() { return {}; }

// An echo through the very code that the workers will run: version numbers do not tell what a
// distribution left out or a container forbids.
Expected<void, std::string> probe_uring() {
  try {
    const UdpOptions options{.address = {*IpAddress::parse("127.0.0.1"), 0}, .steering = {}};
    UdpGroup server = std::move(open_udp_groups(options).front());
    const UdpGroup client = std::move(open_udp_groups(options).front());
    UringSocket socket(std::move(server.sockets.front()), {.nap = {}, .ring_size = 1});
    return exchange(socket, server.address, client.sockets.front().receive.get());
  } catch (const std::runtime_error& error) {
    return Unexpected<std::string>(error.what());
  }
}

// mmsg first, by measurement on two busy cores, CPU of a response: saturated, io_uring took 1.03
// [0.98-1.07] of mmsg's; at 100,000 datagrams a second, both with naps, 1.01. Nearly all of it is
// the kernel's UDP stack, the same for both, and mmsg needs nobody's permission.
constexpr std::array<DatagramBackend, 2> kBackends = {{
    {"mmsg", probe_nothing, open<MmsgSocket>},
    {"io_uring", probe_uring, open<UringSocket>},
}};

}  // namespace

std::span<const DatagramBackend> datagram_backends() noexcept { return kBackends; }

int io_uring_error() noexcept { return UringRing::set_up_error(); }

BackendChoice choose_datagram_backend(std::string_view wanted) {
  std::string reason;
  const auto try_backend = [&](const DatagramBackend& backend) {
    const auto works = backend.probe();
    if (!works) reason += std::string(backend.name) + " cannot be used: " + works.error();
    return works.has_value();
  };
  const auto named = std::ranges::find(kBackends, wanted, &DatagramBackend::name);
  CHECK(wanted == "auto" || named != kBackends.end());
  if (named != kBackends.end() && try_backend(*named)) return {&*named, ""};
  for (const DatagramBackend& backend : kBackends) {
    if (&backend != &*named && try_backend(backend)) return {&backend, reason};
  }
  // Not reached while one backend needs nothing; opening it would say what is wrong.
  return {&kBackends.front(), reason};
}

std::unique_ptr<DatagramSocket> open_datagram_socket(const BackendChoice& choice,
                                                     UdpSocketPair sockets,
                                                     const DatagramSocketOptions& options) {
  return choice.backend->open(std::move(sockets), options);
}

}  // namespace aquatic::net
