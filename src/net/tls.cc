// SPDX-License-Identifier: Apache-2.0
// TLS by OpenSSL 3.0.
#include "net/tls.h"

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/file.h"

namespace aquatic::net {
namespace {

using Status = IoResult::Status;

// A chain has a few kilobytes.
constexpr std::size_t kMaxPemBytes = 1024 * 1024;

// With forward secrecy and authenticated encryption; those of TLS 1.3 all are.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// As RFC 7301 has it on the wire: a length and a name.
constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Free<SSL_free>>;

struct FreeChain {
  void operator()(STACK_OF(X509) * chain) const noexcept { sk_X509_pop_free(chain, X509_free); }
};
using Chain = std::unique_ptr<STACK_OF(X509), FreeChain>;

// What OpenSSL says of the last failure, in its own words.
std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

Bio memory(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio != nullptr);
  return bio;
}

// Never asks a person.
int no_pass_phrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

// The certificates of a PEM text, in their order.
std::vector<Certificate> read_certificates(std::string_view pem, const std::string& path) {
  const Bio bio = memory(pem);
  std::vector<Certificate> certificates;
  bool was_asked = false;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, &was_asked)) {
    certificates.emplace_back(certificate);
  }
  // Anything but the end of the text is a block that cannot be read.
  const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!is_at_end) {
    throw std::runtime_error(fmt::format("{}: certificate {} cannot be read: {}", path,
                                         certificates.size() + 1, last_error()));
  }
  ERR_clear_error();
  if (certificates.empty()) {
    throw std::runtime_error(
        fmt::format("{}: no certificate in it; a PEM file with one is needed", path));
  }
  return certificates;
}

PrivateKey read_private_key(std::string_view pem, const std::string& path) {
  if (pem.find("PRIVATE KEY-----") == pem.npos) {
    throw std::runtime_error(
        fmt::format("{}: no private key in it; a PEM file with one is needed", path));
  }
  const Bio bio = memory(pem);
  bool was_asked = false;
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, &was_asked));
  if (key != nullptr) return key;
  if (was_asked) {
    ERR_clear_error();
    throw std::runtime_error(fmt::format(
        "{}: the private key is encrypted; store it without a pass phrase, readable for the "
        "tracker alone",
        path));
  }
  throw std::runtime_error(
      fmt::format("{}: the private key cannot be read: {}", path, last_error()));
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_length,
                    const unsigned char* offered, unsigned offered_length, void*) {
  unsigned char* match = nullptr;
  const int result = SSL_select_next_proto(&match, chosen_length, kHttp11.data(), kHttp11.size(),
                                           offered, offered_length);
  *chosen = match;
  // Whoever offers other protocols only will see that he gets HTTP/1.1 when he tries.
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// A server's context, without a certificate yet.
Context new_context() {
  Context context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* ctx = context.get();
  CHECK(ctx != nullptr);
  CHECK(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(ctx, kTls12Ciphers) == 1);
  SSL_CTX_set_options(
      ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection keeps no buffers; output may be taken in part, from wherever it lies then.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One call to the system for the header of a record and the rest of it.
  SSL_CTX_set_read_ahead(ctx, 1);
  // Tickets only: nothing is kept of a peer who has gone. A client uses one, and gets the next.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  CHECK(SSL_CTX_set_num_tickets(ctx, 1) == 1);
  SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, nullptr);
  return context;
}

void copy_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
  std::vector<unsigned char> keys(
      static_cast<std::size_t>(SSL_CTX_set_tlsext_ticket_keys(from, nullptr, 0)));
  const auto size = static_cast<long>(keys.size());
  CHECK(SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), size) == 1);
  CHECK(SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), size) == 1);
  OPENSSL_cleanse(keys.data(), keys.size());
}

// --- The socket as OpenSSL sees it. Its own BIO for sockets may raise SIGPIPE.

struct Socket {
  int fd = -1;
  bool has_ended = false;
};

Socket& socket_of(BIO* bio) noexcept { return *static_cast<Socket*>(BIO_get_data(bio)); }

bool is_temporary(int error) noexcept { return error == EAGAIN || error == EINTR; }

int write_socket(BIO* bio, const char* data, int size) noexcept {
  BIO_clear_retry_flags(bio);
  const ssize_t count = send(socket_of(bio).fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && is_temporary(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int read_socket(BIO* bio, char* data, int size) noexcept {
  BIO_clear_retry_flags(bio);
  Socket& socket = socket_of(bio);
  const ssize_t count = recv(socket.fd, data, static_cast<std::size_t>(size), 0);
  if (count == 0) socket.has_ended = true;
  if (count < 0 && is_temporary(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

long control_socket(BIO* bio, int command, long, void*) noexcept {
  switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return socket_of(bio).has_ended ? 1 : 0;
    default: return 0;
  }
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    CHECK(made != nullptr);
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_ctrl(made, control_socket);
    return made;
  }();
  return method;
}

IoResult result_of(SSL* ssl, int returned, std::size_t bytes) noexcept {
  if (returned == 1) return {Status::done, bytes};
  switch (SSL_get_error(ssl, returned)) {
    case SSL_ERROR_WANT_READ: return {Status::wants_read, 0};
    case SSL_ERROR_WANT_WRITE: return {Status::wants_write, 0};
    case SSL_ERROR_ZERO_RETURN: return {Status::closed, 0};
    default: return {Status::failed, 0};
  }
}

}  // namespace

struct TlsContext::State {
  Context context;
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

std::shared_ptr<const TlsContext> TlsContext::load(const std::string& certificate_path,
                                                   const std::string& key_path,
                                                   const TlsContext* previous) {
  ERR_clear_error();
  auto certificates =
      read_certificates(read_file(certificate_path, kMaxPemBytes), certificate_path);
  const PrivateKey key = read_private_key(read_file(key_path, kMaxPemBytes), key_path);
  if (X509_check_private_key(certificates.front().get(), key.get()) != 1) {
    ERR_clear_error();
    throw std::runtime_error(
        fmt::format("{}: the private key does not belong to the first certificate of {}", key_path,
                    certificate_path));
  }
  const Chain chain(sk_X509_new_null());
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    CHECK(sk_X509_push(chain.get(), certificates[i].release()) > 0);
  }
  Context context = new_context();
  if (SSL_CTX_use_cert_and_key(context.get(), certificates.front().get(), key.get(), chain.get(),
                               1) != 1) {
    throw std::runtime_error(
        fmt::format("{}: the certificate cannot be used: {}", certificate_path, last_error()));
  }
  if (previous != nullptr) copy_ticket_keys(previous->state_->context.get(), context.get());
  return std::shared_ptr<const TlsContext>(
      new TlsContext(std::make_unique<State>(State{std::move(context)})));
}

struct TlsSession::State {
  Socket socket;
  Session session;
  bool is_waiting_for_input = false;  // What has arrived is not a whole record.
};

TlsSession::TlsSession(const TlsContext& context, int fd) : state_(std::make_unique<State>()) {
  state_->socket.fd = fd;
  state_->session.reset(SSL_new(context.state_->context.get()));
  BIO* bio = BIO_new(socket_method());
  CHECK(state_->session != nullptr && bio != nullptr);
  BIO_set_data(bio, &state_->socket);
  BIO_set_init(bio, 1);
  SSL_set_bio(state_->session.get(), bio, bio);  // Owns it from here on.
  SSL_set_accept_state(state_->session.get());
}

TlsSession::~TlsSession() = default;
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;

IoResult TlsSession::handshake() noexcept {
  ERR_clear_error();
  SSL* ssl = state_->session.get();
  return result_of(ssl, SSL_do_handshake(ssl), 0);
}

IoResult TlsSession::read(MutableBytes out) noexcept {
  ERR_clear_error();
  SSL* ssl = state_->session.get();
  std::size_t bytes = 0;
  const int returned = SSL_read_ex(ssl, out.data(), out.size(), &bytes);
  const IoResult result = result_of(ssl, returned, bytes);
  state_->is_waiting_for_input = result.status == Status::wants_read;
  return result;
}

IoResult TlsSession::write(Bytes bytes) noexcept {
  ERR_clear_error();
  SSL* ssl = state_->session.get();
  std::size_t written = 0;
  const int returned = SSL_write_ex(ssl, bytes.data(), bytes.size(), &written);
  return result_of(ssl, returned, written);
}

bool TlsSession::has_pending_input() const noexcept {
  return !state_->is_waiting_for_input && SSL_has_pending(state_->session.get()) == 1;
}

void TlsSession::close() noexcept {
  ERR_clear_error();
  SSL_shutdown(state_->session.get());
  ERR_clear_error();
}

bool TlsSession::is_resumed() const noexcept {
  return SSL_session_reused(state_->session.get()) == 1;
}

}  // namespace aquatic::net
