// SPDX-License-Identifier: Apache-2.0
#include "load_test/client_address.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "net/socket_address.h"

namespace aquatic::load_test {
namespace {

// Sources on the loopback: 127.0.0.1 to 127.0.0.254.
constexpr std::uint32_t kLoopbackSources = 254;

}  // namespace

std::optional<IpAddress> source_of(std::uint32_t index, const Endpoint& tracker, bool is_spread) {
  if (!is_spread || !tracker.ip.is_v4() || !tracker.ip.is_loopback()) return std::nullopt;
  const auto last = static_cast<std::byte>(1 + index % kLoopbackSources);
  return IpAddress::v4(std::array{std::byte{127}, std::byte{0}, std::byte{0}, last});
}

Endpoint local_endpoint(int fd) {
  net::SocketAddress address{.v6 = {}};
  socklen_t length = sizeof(address);
  if (getsockname(fd, &address.any, &length) != 0) {
    throw std::runtime_error("cannot ask for a socket's address: " +
                             std::generic_category().message(errno));
  }
  return net::to_endpoint(address);
}

}  // namespace aquatic::load_test
