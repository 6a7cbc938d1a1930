// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>

#include "net/socket_address.h"

namespace aquatic::net {
namespace {

// Of a stream's key the upper half is its generation, the lower its slot; slots never get this far.
constexpr Poller::Key kFirstKey = 0xffff'ff00;
constexpr Poller::Key kMaxListeners = 0x100;

// Connections that failed while they waited are passed over, so many at a time.
constexpr int kMaxFailed = 16;

bool is_shortage(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(std::span<FileDescriptor> listeners, Poller& poller) : poller_(poller) {
  if (listeners.size() > kMaxListeners) throw std::runtime_error("too many addresses to listen on");
  for (FileDescriptor& fd : listeners) listeners_.push_back(std::move(fd));
  if (!watch()) throw std::runtime_error("epoll does not take a listening socket");
}

std::optional<std::size_t> Acceptor::listener_of(Poller::Key key) noexcept {
  if (key < kFirstKey || key >= kFirstKey + kMaxListeners) return std::nullopt;
  return key - kFirstKey;
}

std::optional<Acceptor::Connection> Acceptor::next(std::size_t listener) noexcept {
  for (int failed = 0; failed < kMaxFailed; ++failed) {
    SocketAddress address{.v6 = {}};
    socklen_t length = sizeof(address);
    FileDescriptor fd(
        accept4(listeners_[listener].get(), &address.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.is_open()) return Connection{std::move(fd), to_endpoint(address)};
    if (errno == EAGAIN) return std::nullopt;
    if (is_shortage(errno)) {
      is_paused_ = true;
      unwatch();
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void Acceptor::resume() noexcept {
  unwatch();  // Of those that were watched again by a call that failed half way.
  is_paused_ = !watch();
}

void Acceptor::close() noexcept {
  unwatch();
  listeners_.clear();
  is_paused_ = false;
}

bool Acceptor::watch() noexcept {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    // The kernel does not let an exclusive event be changed: hence added and removed each time.
    if (!poller_.add(listeners_[i].get(), EPOLLIN | EPOLLEXCLUSIVE, kFirstKey + i)) return false;
  }
  return true;
}

void Acceptor::unwatch() noexcept {
  for (const FileDescriptor& fd : listeners_) poller_.remove(fd.get());
}

}  // namespace aquatic::net
