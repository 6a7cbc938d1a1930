// SPDX-License-Identifier: Apache-2.0
// The socket of one connection, with TLS or without: above here nobody sees the difference.
//
// Non-blocking. Belongs to one worker.
#pragma once
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "net/io_result.h"
#include "net/tls.h"

namespace aquatic::net {

class StreamSocket {
 public:
  StreamSocket() noexcept = default;
  // Takes over a connected, non-blocking socket.
  explicit StreamSocket(FileDescriptor fd) noexcept : fd_(std::move(fd)) {}

  int fd() const noexcept { return fd_.get(); }
  bool is_secure() const noexcept { return tls_.has_value(); }

  // Takes what has arrived as far as there is room; `bytes` of it, whatever the status, which says
  // why there is not more: done (there may be), wants_read, wants_write, closed, failed.
  // Requires: `room` is not empty.
  IoResult receive(MutableBytes room) noexcept;
  // Sends as much as is possible now: done if that was all; `bytes` of it, whatever the status.
  // Requires: `bytes` is not empty.
  IoResult send(Bytes bytes) noexcept;
  // Whether receive() gives more without the system saying that the socket is readable.
  bool has_pending_input() const noexcept { return tls_ && tls_->has_pending_input(); }

  // Before TLS begins: shows what has arrived, as receive(), but leaves it there.
  IoResult peek(MutableBytes room) noexcept;
  // Takes what peek() has shown, or the beginning of it, or drops any bytes that have arrived if
  // nobody will read them: as many as there are, but not more than `room` has.
  IoResult receive_raw(MutableBytes room) noexcept;

  // From now on everything is TLS. handshake() is called until it is done.
  void start_tls(const TlsContext& context) { tls_.emplace(context, fd_.get()); }
  IoResult handshake() noexcept { return tls_->handshake(); }
  // Requires: the handshake is done.
  bool is_resumed() const noexcept { return tls_->is_resumed(); }

  // Tells the peer that nothing follows; he may go on.
  void end_output() noexcept;
  // Tells him, where TLS wants that said, and closes. Requires: TLS has not failed.
  void close() noexcept;
  // Closes without a word.
  void drop() noexcept;
  // Closes and forgets what was not sent: for a peer who does not take it, lest the kernel keep it.
  void reset() noexcept;

 private:
  FileDescriptor fd_;  // Before the session, which borrows it.
  std::optional<TlsSession> tls_;
};

}  // namespace aquatic::net
