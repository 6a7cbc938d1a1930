// SPDX-License-Identifier: Apache-2.0
#include "tests/support/network_namespace.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <span>
#include <stdexcept>
#include <thread>

#include "base/file_descriptor.h"
#include "tests/support/udp_client.h"

namespace aquatic::test {
namespace {

// struct in6_ifreq of <linux/ipv6.h>, which cannot be included beside <netinet/in.h>.
struct AddressRequest {
  in6_addr address;
  std::uint32_t prefix_bits;
  int interface_index;
};

// A millisecond each.
constexpr std::size_t kMaxTries = 10'000;

FileDescriptor control_socket(int family) {
  return FileDescriptor(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

void bring_loopback_up() {
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(control_socket(AF_INET).get(), SIOCSIFFLAGS, &request) != 0) {
    throw std::runtime_error(std::string("cannot bring up loopback: ") + std::strerror(errno));
  }
}

void change_loopback_address(unsigned long operation, const IpAddress& address) {
  AddressRequest request{.address = {}, .prefix_bits = 128, .interface_index = 0};
  request.interface_index = static_cast<int>(if_nametoindex("lo"));
  std::ranges::copy(address.bytes(),
                    std::as_writable_bytes(std::span(&request.address, 1)).begin());
  if (ioctl(control_socket(AF_INET6).get(), operation, &request) != 0) {
    throw std::runtime_error("cannot change address " + address.to_string() + ": " +
                             std::strerror(errno));
  }
}

}  // namespace

std::string run_in_network_namespace(const std::function<void()>& body) {
  std::string impossible;
  std::exception_ptr failure;
  // Only the calling thread moves, and it cannot come back unprivileged: so it is a new one.
  std::thread thread([&] {
    if (unshare(CLONE_NEWNET) != 0) {
      impossible = std::string("no network namespace: ") + std::strerror(errno);
      return;
    }
    try {
      bring_loopback_up();
      body();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
  return impossible;
}

void add_loopback_address(const IpAddress& address) {
  change_loopback_address(SIOCSIFADDR, address);
  constexpr std::byte kLinkLocal{0xfe};  // Not to be bound without its interface.
  if (address.bytes()[0] == kLinkLocal) return;
  // The kernel makes it usable in a task of its own, and tells nobody.
  for (std::size_t tries = 0; !is_local(address); ++tries) {
    if (tries == kMaxTries) throw std::runtime_error(address.to_string() + " is not usable");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void remove_loopback_address(const IpAddress& address) {
  change_loopback_address(SIOCDIFADDR, address);
}

}  // namespace aquatic::test
