// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3 for servers: what a certificate and its key make possible, and one connection.
//
// The library behind it is nobody else's business.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/io_result.h"

namespace aquatic::net {

// Certificate, key and the secrets of session tickets. Never changes; any thread may use it.
class TlsContext {
 public:
  // Reads a chain of certificates, the server's own first, and its private key (PKCS#8, PKCS#1 or
  // SEC1), both PEM. Tickets that `previous` gave out go on being honoured; it may be null.
  // Throws std::runtime_error with one sentence that names the file and what is wrong with it, such
  // as a key that belongs to another certificate.
  static std::shared_ptr<const TlsContext> load(const std::string& certificate_path,
                                                const std::string& key_path,
                                                const TlsContext* previous);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // When the first of the certificates expires, or has expired: that is no reason not to load it.
  std::chrono::system_clock::time_point expires_at() const noexcept;

 private:
  friend class TlsSession;
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

// The server's side of a connection. Belongs to one worker.
class TlsSession {
 public:
  // Borrows the socket, which has to outlive the session; keeps what it needs of the context.
  TlsSession(const TlsContext& context, int fd);
  ~TlsSession();
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;

  IoResult handshake() noexcept;
  IoResult read(MutableBytes out) noexcept;
  // May take a part. Requires: `bytes` is not empty.
  IoResult write(Bytes bytes) noexcept;
  // Bytes that read() gives without the socket being readable.
  bool has_pending_input() const noexcept;
  // Tells the peer that nothing follows. One attempt, as the socket is closed next, or its output
  // ended: the kernel may wait for that, to send both in one.
  void close() noexcept;

  // Whether the session was resumed, for counters. Requires: the handshake is done.
  bool is_resumed() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aquatic::net
