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
  for (FileDescriptor& fd : listeners) {
    if (!poller_.add(fd.get(), EPOLLIN, kFirstKey + listeners_.size())) {
      throw std::runtime_error("epoll does not take a listening socket");
    }
    listeners_.push_back(std::move(fd));
  }
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
      watch(0);
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void Acceptor::resume() noexcept {
  is_paused_ = false;
  watch(EPOLLIN);
}

void Acceptor::close() noexcept {
  listeners_.clear();
  is_paused_ = false;
}

void Acceptor::watch(std::uint32_t events) noexcept {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    poller_.change(listeners_[i].get(), events, kFirstKey + i);
  }
}

}  // namespace aquatic::net
