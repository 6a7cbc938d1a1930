// SPDX-License-Identifier: Apache-2.0
#include "net/tls_transport.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace aquatic::net {
namespace {

using Status = IoResult::Status;

bool is_temporary(int error) noexcept { return error == EAGAIN || error == EINTR; }

TlsTransport& transport_of(BIO* bio) noexcept {
  return *static_cast<TlsTransport*>(BIO_get_data(bio));
}

}  // namespace

TlsTransport::TlsTransport(SSL* session, int fd) : session_(session), fd_(fd) {
  BIO* bio = BIO_new(method());
  CHECK(session != nullptr && bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(session, bio, bio);
}

IoResult TlsTransport::result_of(int outcome, std::size_t bytes) const noexcept {
  if (outcome > 0) return {Status::done, bytes};
  const int error = SSL_get_error(session_, outcome);
  ERR_clear_error();
  switch (error) {
    case SSL_ERROR_WANT_READ: return {Status::wants_read, 0};
    case SSL_ERROR_WANT_WRITE: return {Status::wants_write, 0};
    case SSL_ERROR_ZERO_RETURN: return {Status::closed, 0};
    default: return {Status::failed, 0};
  }
}

int TlsTransport::receive(BIO* bio, char* room, int room_bytes) noexcept {
  TlsTransport& transport = transport_of(bio);
  BIO_clear_retry_flags(bio);
  // Asked again at once, the kernel would say EAGAIN. If not, the socket is still readable.
  if (std::exchange(transport.is_drained_, false)) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const ssize_t count = recv(transport.fd_, room, static_cast<std::size_t>(room_bytes), 0);
  if (count < 0 && is_temporary(errno)) BIO_set_retry_read(bio);
  transport.has_ended_ = count == 0;
  transport.is_drained_ = count > 0 && count < room_bytes;
  return static_cast<int>(count);
}

int TlsTransport::send(BIO* bio, const char* bytes, int count) noexcept {
  const TlsTransport& transport = transport_of(bio);
  BIO_clear_retry_flags(bio);
  // Nobody waits for the ticket of TLS 1.3: it leaves with the first response. The last word does
  // with the end of the output.
  const bool is_ticket = SSL_get_state(transport.session_) == TLS_ST_SW_SESSION_TICKET;
  const bool may_wait = is_ticket || transport.is_last_;
  // OpenSSL's own transport would not spare the process SIGPIPE.
  const ssize_t sent = ::send(transport.fd_, bytes, static_cast<std::size_t>(count),
                              MSG_NOSIGNAL | (may_wait ? MSG_MORE : 0));
  if (sent < 0 && is_temporary(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long TlsTransport::control(BIO* bio, int command, long, void*) noexcept {
  if (command == BIO_CTRL_EOF) return transport_of(bio).has_ended_ ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* TlsTransport::method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "aquatic socket");
    CHECK(made != nullptr && BIO_meth_set_read(made, receive) == 1 &&
          BIO_meth_set_write(made, send) == 1 && BIO_meth_set_ctrl(made, control) == 1);
    return made;
  }();
  return method;
}

}  // namespace aquatic::net
