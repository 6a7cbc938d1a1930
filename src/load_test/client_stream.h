// SPDX-License-Identifier: Apache-2.0
// A connection of a load generator to a tracker, plain or TLS: above here nobody sees the
// difference.
//
// Non-blocking. It is made for epoll with kEvents, which are told once for each change: whoever
// hears of one calls advance() until the stream is open, and then receive() until it wants_read.
// Belongs to one worker.
#pragma once
#include <sys/epoll.h>

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/file_descriptor.h"
#include "load_test/tls_client.h"
#include "net/io_result.h"

namespace aquatic::load_test {

class ClientStream {
 public:
  static constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

  enum class State : std::uint8_t {
    closed,
    connecting,
    handshaking,
    open,
  };

  // Begins to connect, from `source` if there is one, with TLS if there is a client, which is
  // borrowed. Returns false, and stays closed, if the system refuses; errno says why.
  // Requires: it is closed.
  bool open(const Endpoint& server, const std::optional<IpAddress>& source,
            TlsClient* tls) noexcept;
  // Goes on with opening; `closed` is a failure. Requires: it is not closed.
  State advance() noexcept;

  State state() const noexcept { return state_; }
  int fd() const noexcept { return socket_.get(); }
  // Whether the handshake was a short one. Requires: it is open.
  bool is_resumed() const noexcept { return session_ && session_->is_resumed(); }

  // Takes what has arrived as far as there is room; `bytes` of it, whatever the status, which says
  // why there is not more: done (there may be), wants_read, wants_write, closed, failed.
  // Requires: it is open, and `room` is not empty.
  net::IoResult receive(MutableBytes room) noexcept;
  // Sends as much as is possible now: done if that was all; `bytes` of it, whatever the status.
  // Requires: it is open, and `bytes` is not empty.
  net::IoResult send(Bytes bytes) noexcept;

  void close() noexcept;

 private:
  State connect_done() noexcept;
  State shake_hands() noexcept;

  FileDescriptor socket_;  // Before the session, which borrows it.
  TlsClient* tls_ = nullptr;
  std::optional<TlsClientSession> session_;
  State state_ = State::closed;
};

}  // namespace aquatic::load_test
