// SPDX-License-Identifier: Apache-2.0
// Two sockets that are connected with each other: one for what is tested, one for the test.
#pragma once
#include <sys/socket.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "base/file_descriptor.h"
#include "tests/support/tcp_peer.h"

namespace aquatic::test {

// Ours is non-blocking. No TCP: nothing is lost, delayed or acknowledged.
inline std::pair<FileDescriptor, TcpPeer> make_socket_pair() {
  std::array<int, 2> fds{};
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) == 0);
  return {FileDescriptor(fds[0]), TcpPeer(FileDescriptor(fds[1]))};
}

}  // namespace aquatic::test
