// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_peer.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <array>

#include "base/check.h"

namespace aquatic::test {
namespace {

TlsPeer& peer_of(const SSL* session) {
  return *static_cast<TlsPeer*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
}

}  // namespace

TlsPeer::TlsPeer(const TlsPeerOptions& options)
    : context_(SSL_CTX_new(TLS_client_method())), alpn_(options.alpn) {
  SSL_CTX* context = context_.get();
  CHECK(context != nullptr);
  SSL_CTX_set_security_level(context, 0);  // It may try what servers should refuse.
  CHECK(SSL_CTX_set_min_proto_version(context, options.version) == 1);
  CHECK(SSL_CTX_set_max_proto_version(context, options.version) == 1);
  if (!options.ciphers.empty()) {
    CHECK(SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) == 1);
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_sess_set_new_cb(context, [](SSL* session, SSL_SESSION* ticket) {
    peer_of(session).ticket_.reset(ticket);
    return 1;  // It is ours now.
  });
  SSL_CTX_set_info_callback(context, [](const SSL* session, int where, int alert) {
    if (where == SSL_CB_READ_ALERT && alert >> 8 == SSL3_AL_FATAL) {
      peer_of(session).alert_ = alert & 0xff;
    }
  });
  begin();
}

TlsPeer::~TlsPeer() = default;

void TlsPeer::begin() {
  // Without this, what was given to the connection would count as broken with it.
  if (session_) SSL_set_shutdown(session_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  session_.reset(SSL_new(context_.get()));
  CHECK(session_ != nullptr);
  received_.clear();
  alert_ = 0;
  SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(session_.get());
  if (!alpn_.empty()) {
    SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(alpn_.data()),
                        static_cast<unsigned>(alpn_.size()));
  }
  if (ticket_) CHECK(SSL_set_session(session_.get(), ticket_.get()) == 1);
}

void TlsPeer::take_in(std::string_view bytes) {
  if (bytes.empty()) return;
  BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
  advance();
}

std::string TlsPeer::take_out() {
  advance();
  char* bytes = nullptr;
  BIO* out = SSL_get_wbio(session_.get());
  const auto count = static_cast<std::size_t>(BIO_get_mem_data(out, &bytes));
  std::string taken(bytes, count);
  BIO_reset(out);
  return taken;
}

void TlsPeer::exchange_with(TcpPeer& tcp) {
  take_in(tcp.take_received());
  const std::string out = take_out();
  if (!out.empty()) tcp.send(out);
}

bool TlsPeer::is_connected() {
  advance();
  return SSL_is_init_finished(session_.get()) == 1;
}

bool TlsPeer::was_resumed() const { return SSL_session_reused(session_.get()) == 1; }

std::string TlsPeer::chosen_alpn() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(session_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

void TlsPeer::send(std::string_view text) {
  ERR_clear_error();
  CHECK(SSL_write(session_.get(), text.data(), static_cast<int>(text.size())) ==
        static_cast<int>(text.size()));
}

const std::string& TlsPeer::received() {
  advance();
  return received_;
}

bool TlsPeer::has_seen_close() {
  advance();
  return (SSL_get_shutdown(session_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void TlsPeer::close() { SSL_shutdown(session_.get()); }

void TlsPeer::advance() {
  ERR_clear_error();
  if (!SSL_is_init_finished(session_.get())) SSL_do_handshake(session_.get());
  if (SSL_is_init_finished(session_.get())) {
    std::array<char, 16 * 1024> room;
    int count = 0;
    while ((count = SSL_read(session_.get(), room.data(), static_cast<int>(room.size()))) > 0) {
      received_.append(room.data(), static_cast<std::size_t>(count));
    }
  }
  ERR_clear_error();
}

}  // namespace aquatic::test
