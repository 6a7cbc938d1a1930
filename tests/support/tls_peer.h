// SPDX-License-Identifier: Apache-2.0
// The other end of TLS, for tests that play both ends in one thread: it never waits, and the test
// sees the bytes that it exchanges. Trusts everybody.
#pragma once
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/tcp_peer.h"

namespace aquatic::test {

struct TlsPeerOptions {
  int version = TLS1_3_VERSION;
  std::string ciphers{};  // Of TLS 1.2; empty is what is usual.
  std::string alpn{};     // As it is sent: a length in front of each name. Empty offers nothing.
};

// One that comes back: what it was given to resume, it uses with its next connection.
class TlsPeer {
 public:
  explicit TlsPeer(const TlsPeerOptions& options = {});
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  // Begins a connection, and forgets about the one before.
  void begin();

  // Bytes that arrived, and those that are to be sent now.
  void take_in(std::string_view bytes);
  std::string take_out();
  // Takes in what has arrived and sends what is to be sent. Requires: the kernel has room for it.
  void exchange_with(TcpPeer& tcp);

  bool is_connected();
  // The number of the alert that the other end gave up with, or 0.
  int alert() const noexcept { return alert_; }
  bool was_resumed() const;
  bool has_ticket() const noexcept { return ticket_ != nullptr; }
  std::string chosen_alpn() const;

  void send(std::string_view text);
  // What was received so far, less what was taken.
  const std::string& received();
  // Whether the other end has said that nothing follows.
  bool has_seen_close();
  void close();

  // For what has no function here.
  SSL* session() const noexcept { return session_.get(); }
  SSL_SESSION* ticket() const noexcept { return ticket_.get(); }

 private:
  template <auto kFree>
  struct Free {
    template <class T>
    void operator()(T* object) const noexcept {
      kFree(object);
    }
  };

  void advance();

  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context_;
  std::unique_ptr<SSL_SESSION, Free<SSL_SESSION_free>> ticket_;
  std::unique_ptr<SSL, Free<SSL_free>> session_;
  std::string alpn_;
  std::string received_;
  int alert_ = 0;
};

}  // namespace aquatic::test
