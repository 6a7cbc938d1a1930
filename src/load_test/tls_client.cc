// SPDX-License-Identifier: Apache-2.0
#include "load_test/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/check.h"
#include "net/tls_transport.h"

namespace aquatic::load_test {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};

}  // namespace

struct TlsClient::State {
  explicit State(const Options& options);
  static int keep(SSL* session, SSL_SESSION* ticket) noexcept;

  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context;
  std::unique_ptr<SSL_SESSION, Free<SSL_SESSION_free>> ticket;  // The newest one.
};

TlsClient::State::State(const Options& options) : context(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX* ours = context.get();
  CHECK(ours != nullptr);
  const int version = options.version == TlsVersion::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  CHECK(SSL_CTX_set_min_proto_version(ours, version) == 1);
  CHECK(SSL_CTX_set_max_proto_version(ours, version) == 1);
  SSL_CTX_set_verify(ours, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(ours, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                             SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(ours, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(ours, 1);
  if (!options.resumes) {
    SSL_CTX_set_session_cache_mode(ours, SSL_SESS_CACHE_OFF);
    return;
  }
  SSL_CTX_set_session_cache_mode(ours, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(ours, this);
  SSL_CTX_sess_set_new_cb(ours, keep);
}

int TlsClient::State::keep(SSL* session, SSL_SESSION* ticket) noexcept {
  static_cast<State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)))->ticket.reset(ticket);
  return 1;  // It is ours now.
}

TlsClient::TlsClient(const Options& options) : state_(std::make_unique<State>(options)) {}
TlsClient::~TlsClient() = default;

struct TlsClientSession::State {
  State(SSL_CTX* context, int fd) : session(SSL_new(context)), transport(session.get(), fd) {
    SSL_set_connect_state(session.get());
  }
  // Without a word: what the server gave to the session stays good all the same.
  ~State() { SSL_set_shutdown(session.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

  std::unique_ptr<SSL, Free<SSL_free>> session;
  net::TlsTransport transport;
};

TlsClientSession::TlsClientSession(TlsClient& client, int fd)
    : state_(std::make_unique<State>(client.state_->context.get(), fd)) {
  SSL_SESSION* ticket = client.state_->ticket.get();
  if (ticket != nullptr) CHECK(SSL_set_session(state_->session.get(), ticket) == 1);
}
TlsClientSession::~TlsClientSession() = default;
TlsClientSession::TlsClientSession(TlsClientSession&&) noexcept = default;
TlsClientSession& TlsClientSession::operator=(TlsClientSession&&) noexcept = default;

net::IoResult TlsClientSession::handshake() noexcept {
  ERR_clear_error();
  const net::IoResult result =
      state_->transport.result_of(SSL_do_handshake(state_->session.get()), 0);
  state_->transport.expect_input();  // The next change of the socket may be told already.
  return result;
}

net::IoResult TlsClientSession::read(MutableBytes out) noexcept {
  ERR_clear_error();
  std::size_t count = 0;
  const int outcome = SSL_read_ex(state_->session.get(), out.data(), out.size(), &count);
  return state_->transport.result_of(outcome, count);
}

net::IoResult TlsClientSession::write(Bytes bytes) noexcept {
  ERR_clear_error();
  std::size_t count = 0;
  const int outcome = SSL_write_ex(state_->session.get(), bytes.data(), bytes.size(), &count);
  return state_->transport.result_of(outcome, count);
}

bool TlsClientSession::is_resumed() const noexcept {
  return SSL_session_reused(state_->session.get()) == 1;
}

std::string_view TlsClientSession::version() const noexcept {
  return SSL_get_version(state_->session.get());
}

}  // namespace aquatic::load_test
