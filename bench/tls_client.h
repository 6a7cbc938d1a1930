// SPDX-License-Identifier: Apache-2.0
// The other end of every measurement: a blocking client, on OpenSSL whatever the server uses.
//
// Anything that goes wrong ends the program. Belongs to one thread.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::bench {

class TlsClient {
 public:
  TlsClient(const Endpoint& server, bool is_secure);

  // Forgets the connection before, and what there was to resume unless `resumes`; then checks that
  // the server agreed to do so.
  void connect(bool resumes);
  // A request and its response.
  void exchange(std::byte what_then);
  // Waits until the server has closed, and closes.
  void finish();

  // "TLSv1.3 TLS_AES_256_GCM_SHA384"
  std::string description() const;

 private:
  struct Free {
    void operator()(SSL* session) const noexcept { SSL_free(session); }
    void operator()(SSL_SESSION* ticket) const noexcept { SSL_SESSION_free(ticket); }
  };

  std::size_t read_some();

  Endpoint server_;
  bool is_secure_;
  FileDescriptor fd_;
  std::unique_ptr<SSL, Free> session_;
  std::unique_ptr<SSL_SESSION, Free> ticket_;
};

}  // namespace aquatic::bench
