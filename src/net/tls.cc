// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "net/tls_credentials.h"
#include "net/tls_transport.h"

namespace aquatic::net {
namespace {

using Status = IoResult::Status;

// What Mozilla calls intermediate: every TLS 1.2 cipher with forward secrecy and authenticated
// encryption that peers of the last ten years have. TLS 1.3 has no others.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// In the order of what they cost: SHA-256, which the handshake is full of, has instructions of its
// own in processors that have none for SHA-384.
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";

// As ALPN has it: a length in front of each name.
constexpr std::string_view kAlpnHttp = "\x08http/1.1";

// Peers come back with one connection at a time.
constexpr std::size_t kTicketCount = 1;

// Name and two keys, as OpenSSL exports them.
constexpr std::size_t kTicketKeyBytes = 80;

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, FreeContext>;

// --- Contexts ------------------------------------------------------------------------------------

// RFC 7301 wants an alert where the peer speaks none of our protocols. A peer that sends no list at
// all is one of HTTP.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned offered_bytes, void*) noexcept {
  const auto* ours = reinterpret_cast<const unsigned char*>(kAlpnHttp.data());
  const int outcome =
      SSL_select_next_proto(const_cast<unsigned char**>(chosen), chosen_bytes, ours,
                            static_cast<unsigned>(kAlpnHttp.size()), offered, offered_bytes);
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

ContextPointer make_context() {
  ContextPointer owner(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = owner.get();
  CHECK(context != nullptr);
  CHECK(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(context, kCiphers) == 1);
  CHECK(SSL_CTX_set_ciphersuites(context, kSuites13) == 1);
  CHECK(SSL_CTX_set1_groups_list(context, kGroups) == 1);
  // Our order counts. Who likes ChaCha20 best has no AES in hardware, and gets what he likes.
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // A peer that closes without a word is no news: HTTP says itself where messages end.
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Idle connections keep no buffers. Rests of output may have moved when they are tried again.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One call of the kernel, not one for the header of a record and one for the rest.
  SSL_CTX_set_read_ahead(context, 1);
  // Tickets hold the state of sessions, we do not. Without early data nothing can be replayed.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  CHECK(SSL_CTX_set_num_tickets(context, kTicketCount) == 1);
  CHECK(SSL_CTX_set_max_early_data(context, 0) == 1);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  return owner;
}

void use(SSL_CTX* context, const TlsCredentials& credentials, const std::string& path) {
  bool is_taken = SSL_CTX_use_certificate(context, credentials.chain.front().get()) == 1;
  for (std::size_t i = 1; i < credentials.chain.size(); ++i) {
    is_taken = is_taken && SSL_CTX_add1_chain_cert(context, credentials.chain[i].get()) == 1;
  }
  is_taken = is_taken && SSL_CTX_use_PrivateKey(context, credentials.key.get()) == 1;
  if (is_taken) return;
  throw std::runtime_error(
      fmt::format("the certificate in {} cannot be used ({}): have one issued for an RSA key of "
                  "2048 bits or an "
                  "ECDSA key of the curve P-256",
                  path, take_tls_error()));
}

// The keys live as long as the process does.
void share_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
  std::array<unsigned char, kTicketKeyBytes> keys;
  CHECK(SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), keys.size()) == 1);
  CHECK(SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), keys.size()) == 1);
  OPENSSL_cleanse(keys.data(), keys.size());
}

}  // namespace

struct TlsContext::State {
  ContextPointer context;
  std::chrono::system_clock::time_point expires_at;
};

std::shared_ptr<const TlsContext> TlsContext::load(const std::string& certificate_path,
                                                   const std::string& key_path,
                                                   const TlsContext* previous) {
  const TlsCredentials credentials = load_tls_credentials(certificate_path, key_path);
  ContextPointer context = make_context();
  use(context.get(), credentials, certificate_path);
  if (previous != nullptr) share_ticket_keys(previous->state_->context.get(), context.get());
  auto state = std::make_unique<State>(State{std::move(context), expiry_of(credentials)});
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(state)));
}

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

std::chrono::system_clock::time_point TlsContext::expires_at() const noexcept {
  return state_->expires_at;
}

// --- Sessions ------------------------------------------------------------------------------------

struct TlsSession::State {
  State(SSL_CTX* context, int fd) : session(SSL_new(context)), transport(session.get(), fd) {
    SSL_set_accept_state(session.get());
  }

  std::unique_ptr<SSL, FreeSession> session;
  TlsTransport transport;
  bool has_pending = false;
};

TlsSession::TlsSession(const TlsContext& context, int fd)
    : state_(std::make_unique<State>(context.state_->context.get(), fd)) {}
TlsSession::~TlsSession() = default;
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;

// SSL_get_error() looks at the errors of the thread, so each call begins without any.

IoResult TlsSession::handshake() noexcept {
  ERR_clear_error();
  const IoResult result = state_->transport.result_of(SSL_do_handshake(state_->session.get()), 0);
  state_->has_pending = result.status == Status::done;
  state_->transport.expect_input();  // The first request may have come in the meantime.
  return result;
}

IoResult TlsSession::read(MutableBytes out) noexcept {
  ERR_clear_error();
  std::size_t count = 0;
  const int outcome = SSL_read_ex(state_->session.get(), out.data(), out.size(), &count);
  const IoResult result = state_->transport.result_of(outcome, count);
  state_->has_pending = result.status == Status::done;
  return result;
}

IoResult TlsSession::write(Bytes bytes) noexcept {
  DCHECK(!bytes.empty());
  ERR_clear_error();
  std::size_t count = 0;
  const int outcome = SSL_write_ex(state_->session.get(), bytes.data(), bytes.size(), &count);
  return state_->transport.result_of(outcome, count);
}

// What OpenSSL has read ahead may be less than a record. Once it has said that it wants more, there
// is nothing to get from it without the socket.
bool TlsSession::has_pending_input() const noexcept {
  return state_->has_pending && SSL_has_pending(state_->session.get()) == 1;
}

void TlsSession::close() noexcept {
  SSL* session = state_->session.get();
  const bool has_said_so = (SSL_get_shutdown(session) & SSL_SENT_SHUTDOWN) != 0;
  if (has_said_so || !SSL_is_init_finished(session)) return;
  state_->transport.expect_end();
  SSL_shutdown(session);
  ERR_clear_error();
}

bool TlsSession::is_resumed() const noexcept {
  return SSL_session_reused(state_->session.get()) == 1;
}

}  // namespace aquatic::net
