// SPDX-License-Identifier: Apache-2.0
// What net/tls.h and net/stream_socket.h do with OpenSSL, done with GnuTLS: for comparison only.
//
// The same care is taken: nothing is read twice, the ticket leaves with the first response, idle
// connections own no buffers of ours. Belongs to one thread.
#pragma once
#include <gnutls/gnutls.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "net/io_result.h"

namespace aquatic::bench {

// Never changes.
class GnutlsContext {
 public:
  // Ends the program if the files are not right.
  GnutlsContext(const std::string& certificate_path, const std::string& key_path);
  ~GnutlsContext();
  GnutlsContext(const GnutlsContext&) = delete;
  GnutlsContext& operator=(const GnutlsContext&) = delete;

 private:
  friend class GnutlsSocket;
  gnutls_certificate_credentials_t credentials_ = nullptr;
  gnutls_priority_t priorities_ = nullptr;
  gnutls_datum_t ticket_key_{};
};

// See net::StreamSocket, whose functions these are.
class GnutlsSocket {
 public:
  GnutlsSocket() noexcept = default;
  explicit GnutlsSocket(FileDescriptor fd) noexcept : fd_(std::move(fd)) {}

  int fd() const noexcept { return fd_.get(); }
  bool is_secure() const noexcept { return session_ != nullptr; }
  void start_tls(const GnutlsContext& context);
  net::IoResult handshake() noexcept;
  bool is_resumed() const noexcept;
  net::IoResult receive(MutableBytes room) noexcept;
  net::IoResult send(Bytes bytes) noexcept;
  void close() noexcept;

 private:
  struct Transport;
  struct FreeTransport {
    void operator()(Transport* transport) const noexcept;
  };
  struct FreeSession {
    void operator()(gnutls_session_t session) const noexcept { gnutls_deinit(session); }
  };

  net::IoResult result_of(ssize_t outcome) const noexcept;

  FileDescriptor fd_;
  std::unique_ptr<Transport, FreeTransport> transport_;  // Before the session, which borrows it.
  std::unique_ptr<gnutls_session_int, FreeSession> session_;
};

}  // namespace aquatic::bench
