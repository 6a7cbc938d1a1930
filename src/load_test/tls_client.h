// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3 for load generators: the other side of net/tls.h. Believes every certificate,
// since it is the cost of the tracker that is measured and not who he is.
//
// The library behind it is nobody else's business.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "net/io_result.h"

namespace aquatic::load_test {

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

// What the sessions of one worker have in common.
class TlsClient {
 public:
  struct Options {
    TlsVersion version = TlsVersion::tls_1_3;
    // Begin with what the server gave to the session before, as those do who come back. Without
    // it every handshake is a full one.
    bool resumes = false;
  };
  explicit TlsClient(const Options& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

 private:
  friend class TlsClientSession;
  struct State;
  const std::unique_ptr<State> state_;
};

// The client's side of a connection. Belongs to one worker.
class TlsClientSession {
 public:
  // Borrows both: the client, and the socket, which has to be connected.
  TlsClientSession(TlsClient& client, int fd);
  ~TlsClientSession();
  TlsClientSession(TlsClientSession&&) noexcept;
  TlsClientSession& operator=(TlsClientSession&&) noexcept;

  net::IoResult handshake() noexcept;
  net::IoResult read(MutableBytes out) noexcept;
  // May take a part. Requires: `bytes` is not empty.
  net::IoResult write(Bytes bytes) noexcept;

  // Requires: the handshake is done.
  bool is_resumed() const noexcept;
  std::string_view version() const noexcept;  // As in "TLSv1.3".

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aquatic::load_test
