// SPDX-License-Identifier: Apache-2.0
// A server as plain as can be, for any kind of socket: one epoll loop that answers each message of
// kMessageBytes with another one. What it costs beside the sockets is the same for all.
//
// Belongs to one thread.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.h"
#include "net/acceptor.h"
#include "net/io_result.h"
#include "net/poller.h"
#include "net/tcp_listener.h"

namespace aquatic::bench {

inline constexpr std::size_t kMessageBytes = 300;
// What the first byte of a request asks for after the response.
inline constexpr std::byte kStay{'s'};
inline constexpr std::byte kClose{'c'};

// Socket is net::StreamSocket, or has its functions; Context is what its start_tls() takes.
template <class Socket, class Context>
class BenchServer {
 public:
  // Without a context there is no TLS. Borrows it.
  BenchServer(const Context* context, net::TcpListeners listeners)
      : context_(context), acceptor_(listeners.sockets, poller_) {}

  void serve_round(std::chrono::milliseconds timeout) {
    for (const epoll_event& event : poller_.wait(timeout)) {
      if (const auto listener = net::Acceptor::listener_of(event.data.u64)) {
        accept_from(*listener);
      } else {
        serve(event.data.u64);
      }
    }
  }

 private:
  using Status = net::IoResult::Status;

  struct Connection {
    Socket socket;
    bool is_open = false;  // The handshake is done.
  };

  static constexpr int kMaxAccepts = 64;  // Of one round, as StreamServer has it.

  void accept_from(std::size_t listener) {
    for (int i = 0; i < kMaxAccepts; ++i) {
      auto accepted = acceptor_.next(listener);
      if (!accepted) return;
      if (free_.empty()) {
        free_.push_back(connections_.size());
        connections_.push_back(std::make_unique<Connection>());
      }
      const std::size_t slot = free_.back();
      free_.pop_back();
      *connections_[slot] = {.socket = Socket(std::move(accepted->fd))};
      CHECK(poller_.add(connections_[slot]->socket.fd(), EPOLLIN, slot));
    }
  }

  void serve(std::size_t slot) {
    Connection& connection = *connections_[slot];
    if (!connection.is_open && context_ != nullptr) {
      if (!connection.socket.is_secure()) connection.socket.start_tls(*context_);
      const Status status = connection.socket.handshake().status;
      if (status == Status::closed || status == Status::failed) return forget(slot);
      if (status != Status::done) return;
    }
    connection.is_open = true;
    const net::IoResult received = connection.socket.receive(input_);
    for (std::size_t at = 0; at + kMessageBytes <= received.bytes; at += kMessageBytes) {
      const Status status = connection.socket.send(response_).status;
      if (status != Status::done || input_[at] == kClose) return forget(slot);
    }
    if (received.status == Status::closed || received.status == Status::failed) forget(slot);
  }

  void forget(std::size_t slot) {
    connections_[slot]->socket.close();
    free_.push_back(slot);
  }

  const Context* const context_;
  net::Poller poller_;
  net::Acceptor acceptor_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::size_t> free_;
  std::array<std::byte, 16 * 1024> input_{};
  std::array<std::byte, kMessageBytes> response_{};
};

}  // namespace aquatic::bench
