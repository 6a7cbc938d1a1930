// SPDX-License-Identifier: Apache-2.0
// The socket below a TLS session, as OpenSSL sees it, and what its calls mean for whoever made
// them. The same for both sides of a connection.
//
// Part of the implementation of net/tls.h and of load_test/tls_client.h.
#pragma once
#include <openssl/ssl.h>

#include "net/io_result.h"

namespace aquatic::net {

class TlsTransport {
 public:
  // Puts itself below the session, which keeps pointing here; borrows both. Requires: a session.
  TlsTransport(SSL* session, int fd);
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  // `outcome` is what OpenSSL said to the call that was just made. Requires: the errors of the
  // thread were forgotten before that, as OpenSSL looks at them.
  IoResult result_of(int outcome, std::size_t bytes) const noexcept;

  // There may be more input, although the last call took all that there was.
  void expect_input() noexcept { is_drained_ = false; }
  // What is sent from now on is the last.
  void expect_end() noexcept { is_last_ = true; }

 private:
  static const BIO_METHOD* method();
  static int receive(BIO* bio, char* room, int room_bytes) noexcept;
  static int send(BIO* bio, const char* bytes, int count) noexcept;
  static long control(BIO* bio, int command, long, void*) noexcept;

  SSL* session_;
  int fd_;
  bool has_ended_ = false;   // The other side has.
  bool is_drained_ = false;  // The last call took all that there was.
  bool is_last_ = false;
};

}  // namespace aquatic::net
