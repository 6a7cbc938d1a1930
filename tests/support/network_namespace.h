// SPDX-License-Identifier: Apache-2.0
// A network of a test's own: a loopback interface whose addresses come and go as it likes.
#pragma once
#include <functional>
#include <string>

#include "base/endpoint.h"

namespace aquatic::test {

// Runs `body` in a thread whose network is a new one with nothing but loopback, up. Returns why
// that is impossible, or an empty text after running it.
std::string run_in_network_namespace(const std::function<void()>& body);

// Give the loopback interface an IPv6 address, and take it away. Throw std::runtime_error.
void add_loopback_address(const IpAddress& address);
void remove_loopback_address(const IpAddress& address);

}  // namespace aquatic::test
