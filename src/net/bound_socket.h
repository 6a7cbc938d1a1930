// SPDX-License-Identifier: Apache-2.0
// What binding a socket takes, whichever its protocol. Control plane: throws.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::net {

// Throws std::runtime_error: why a server cannot listen, and what an operator can do about it.
[[noreturn]] void fail_to_listen(std::string_view protocol, const Endpoint& address, int error);

// Whether the system took the value.
bool set_option(int fd, int level, int option, int value) noexcept;

// AF_INET or AF_INET6.
int family_of(const Endpoint& address) noexcept;

// Binds, or says what errno does; 0 is success.
int bind_to(const FileDescriptor& fd, const Endpoint& endpoint) noexcept;

// Requires: the socket is bound.
std::uint16_t bound_port(const FileDescriptor& fd);

}  // namespace aquatic::net
