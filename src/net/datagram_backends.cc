// SPDX-License-Identifier: Apache-2.0
#include "net/datagram_backends.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "net/mmsg_socket.h"

namespace aquatic::net {
namespace {

template <class Socket>
std::unique_ptr<DatagramSocket> open(UdpSocketPair sockets, const DatagramSocketOptions& options) {
  return std::make_unique<Socket>(std::move(sockets), options);
}

constexpr std::array<DatagramBackend, 1> kBackends = {{
    {"mmsg", [] { return Expected<void, std::string>(); }, open<MmsgSocket>},
}};

}  // namespace

std::span<const DatagramBackend> datagram_backends() noexcept { return kBackends; }

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
  CHECK(!"the last backend works everywhere");
  return {};
}

std::unique_ptr<DatagramSocket> open_datagram_socket(const BackendChoice& choice,
                                                     UdpSocketPair sockets,
                                                     const DatagramSocketOptions& options) {
  return choice.backend->open(std::move(sockets), options);
}

}  // namespace aquatic::net
