// SPDX-License-Identifier: Apache-2.0
// What binding a socket takes, whichever its protocol. Control plane: throws.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::net {

// Throws std::runtime_error: why a server cannot listen, and what an operator can do about it.
[[noreturn]] void fail_to_listen(std::string_view protocol, const Endpoint& address, int error);

// Whether the system took the value.
bool set_option(int fd, int level, int option, int value) noexcept;
// None if the socket has no such option, or is no socket.
std::optional<int> option_of(int fd, int level, int option) noexcept;

// AF_INET or AF_INET6.
int family_of(const Endpoint& address) noexcept;

// Binds, or says what errno does; 0 is success.
int bind_to(const FileDescriptor& fd, const Endpoint& endpoint) noexcept;

// Requires: the socket is bound.
std::uint16_t bound_port(const FileDescriptor& fd);

// The same socket once more. Throws as fail_to_listen() does.
FileDescriptor duplicate(const FileDescriptor& fd, std::string_view protocol,
                         const Endpoint& address);

// --- A socket that somebody else has bound ---

// Fails unless it treats IPv4 as is wanted: once it is bound, that cannot be changed. The address
// is what it is bound to.
void check_inherited(const FileDescriptor& fd, std::string_view protocol, const Endpoint& address,
                     bool only_ipv6);
// Whether further sockets can be bound beside it: it has to allow that, and to be this user's. One
// that systemd has opened with ReusePort=yes is root's.
bool can_share_port(const FileDescriptor& fd, const Endpoint& address);

}  // namespace aquatic::net
