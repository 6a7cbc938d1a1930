// SPDX-License-Identifier: Apache-2.0
// Sockets that the service manager has opened for this process: socket activation of systemd.
//
// Each is given out once, to whoever wants to listen on its address. The protocol is three
// variables of the environment, see sd_listen_fds(3), documented and promised to stay as it is: too
// little to depend on libsystemd for. Control plane: throws std::runtime_error with a sentence.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::net {

class InheritedSockets {
 public:
  struct Named {
    FileDescriptor fd;
    std::string name;  // FileDescriptorName= of its socket unit, for messages.
  };

  // A unit has a few; whoever says thousands has set the variables by mistake.
  static constexpr std::size_t kMaxSockets = 256;

  // Takes over the sockets that the environment is about, if that is meant for this process, and
  // removes them from it, so that no child believes to have them. Throws also as below. To be
  // called before there are other threads, which might be reading the environment.
  static InheritedSockets from_environment();

  // None.
  InheritedSockets() = default;
  // Throws if one of them is not a listening TCP or a bound UDP socket of IPv4 or IPv6.
  explicit InheritedSockets(std::vector<Named> sockets);

  // The socket of this type, SOCK_STREAM or SOCK_DGRAM, that is bound to `wanted`, whose port 0
  // stands for any; not open if there is none. Throws if there is one that makes it impossible to
  // bind another one to `wanted`.
  FileDescriptor take(int type, const Endpoint& wanted);

  // Throws, with their names, if there are sockets that nobody has taken: peers would wait there
  // for ever.
  void refuse_rest() const;

 private:
  struct Socket {
    Named named;
    int type;
    Endpoint address;
    bool is_dual_stack;
  };

  static Socket inspect(Named named);
  static bool overlaps(const Socket& socket, const Endpoint& wanted);
  static std::string describe(const Socket& socket);

  std::vector<Socket> sockets_;
};

}  // namespace aquatic::net
