// SPDX-License-Identifier: Apache-2.0
// The listening sockets of one worker: hands out connections one by one.
//
// Other workers may have the very same sockets: then a connection wakes one that waits, not all.
//
// When the system has no descriptor or memory for one more, it pauses: connections then wait in
// the kernel, and the poller does not report them over and over.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/endpoint.h"
#include "base/file_descriptor.h"
#include "net/poller.h"

namespace aquatic::net {

class Acceptor {
 public:
  struct Connection {
    FileDescriptor fd;  // Non-blocking.
    Endpoint peer;
  };

  // Takes over `listeners` and has them watched by `poller`, which is borrowed. Throws
  // std::runtime_error.
  Acceptor(std::span<FileDescriptor> listeners, Poller& poller);

  std::size_t size() const noexcept { return listeners_.size(); }
  // Whether the poller's event is about one of the listeners: which, then.
  static std::optional<std::size_t> listener_of(Poller::Key key) noexcept;

  // The next connection of one listener, if any waits; none, too, if the system has no room for it,
  // which pauses.
  std::optional<Connection> next(std::size_t listener) noexcept;

  bool is_paused() const noexcept { return is_paused_; }
  // Tries again, when something was closed or some time has passed.
  void resume() noexcept;
  // Stops listening. Connections that wait are lost, unless somebody else has the socket, too.
  void close() noexcept;

 private:
  // Whether the poller looks at all of them now.
  bool watch() noexcept;
  void unwatch() noexcept;

  Poller& poller_;
  std::vector<FileDescriptor> listeners_;
  bool is_paused_ = false;
};

}  // namespace aquatic::net
