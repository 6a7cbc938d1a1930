// SPDX-License-Identifier: Apache-2.0
#include "net/poller.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <stdexcept>
#include <string>

#include "base/check.h"

namespace aquatic::net {

Poller::Poller() : fd_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!fd_.is_open()) {
    throw std::runtime_error(std::string("cannot open an epoll instance: ") + std::strerror(errno) +
                             "; raise the limit of open files, or use fewer workers");
  }
}

bool Poller::add(int fd, std::uint32_t events, Key key) noexcept {
  epoll_event event{.events = events, .data = {.u64 = key}};
  return epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::change(int fd, std::uint32_t events, Key key) noexcept {
  epoll_event event{.events = events, .data = {.u64 = key}};
  CHECK(epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Poller::remove(int fd) noexcept { epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<const epoll_event> Poller::wait(std::chrono::milliseconds timeout) noexcept {
  const auto wait_ms = static_cast<int>(std::clamp<std::int64_t>(timeout.count(), 0, INT_MAX));
  const int count =
      epoll_wait(fd_.get(), events_.data(), static_cast<int>(events_.size()), wait_ms);
  return std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
}

}  // namespace aquatic::net
