// SPDX-License-Identifier: Apache-2.0
// The epoll of one worker: tells which sockets have something to say, for as long as they have.
#pragma once
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/file_descriptor.h"

namespace aquatic::net {

class Poller {
 public:
  using Key = std::uint64_t;  // What the caller knows a socket by.

  // Events of one wait at most. Those that did not fit come with the next one, others first.
  static constexpr std::size_t kMaxEvents = 256;

  // Throws std::runtime_error if the system has no epoll for us.
  Poller();

  // Whether the system had room for it. A socket whose only descriptor is closed is forgotten by
  // itself.
  bool add(int fd, std::uint32_t events, Key key) noexcept;
  // Requires: `fd` was added.
  void change(int fd, std::uint32_t events, Key key) noexcept;
  // For a socket that somebody else has a descriptor of, too: it would be reported for ever. Does
  // nothing if `fd` was not added.
  void remove(int fd) noexcept;

  // Waits for an event, `timeout` at the most. Valid until the next call; none if the time was up
  // or a signal came.
  std::span<const epoll_event> wait(std::chrono::milliseconds timeout) noexcept;

 private:
  FileDescriptor fd_;
  std::array<epoll_event, kMaxEvents> events_{};
};

}  // namespace aquatic::net
