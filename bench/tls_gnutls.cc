// SPDX-License-Identifier: Apache-2.0
#include "bench/tls_gnutls.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/byte_buffer.h"
#include "base/check.h"

namespace aquatic::bench {
namespace {

using Status = net::IoResult::Status;

// The versions, groups and ciphers of net/tls.cc.
constexpr const char* kPriorities =
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+ECDHE-ECDSA:+ECDHE-RSA:+AES-128-GCM:+AES-256-GCM:"
    "+CHACHA20-POLY1305:+AEAD:+SIGN-ALL:+COMP-NULL:+CTYPE-X509:"
    "+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%SERVER_PRECEDENCE";

constexpr int kMaxRecords = 32;  // As StreamSocket has it.

// A whole record, so that most of the time the kernel is asked once.
constexpr std::size_t kReadAheadBytes = 16 * 1024 + 512;

bool is_temporary(ssize_t outcome) noexcept {
  return outcome == GNUTLS_E_AGAIN || outcome == GNUTLS_E_INTERRUPTED;
}

}  // namespace

GnutlsContext::GnutlsContext(const std::string& certificate_path, const std::string& key_path) {
  CHECK(gnutls_certificate_allocate_credentials(&credentials_) == 0);
  CHECK(gnutls_certificate_set_x509_key_file(credentials_, certificate_path.c_str(),
                                             key_path.c_str(), GNUTLS_X509_FMT_PEM) == 0);
  CHECK(gnutls_priority_init(&priorities_, kPriorities, nullptr) == 0);
  CHECK(gnutls_session_ticket_key_generate(&ticket_key_) == 0);
}

GnutlsContext::~GnutlsContext() {
  gnutls_certificate_free_credentials(credentials_);
  gnutls_priority_deinit(priorities_);
  gnutls_free(ticket_key_.data);
}

// --- The socket, as GnuTLS sees it ---------------------------------------------------------------

struct GnutlsSocket::Transport {
  explicit Transport(int the_fd) : fd(the_fd) {}

  static Transport& of(gnutls_transport_ptr_t pointer) { return *static_cast<Transport*>(pointer); }

  // GnuTLS asks for five bytes, then for the rest of the record.
  static ssize_t pull(gnutls_transport_ptr_t pointer, void* room, std::size_t room_bytes) {
    return of(pointer).receive({static_cast<std::byte*>(room), room_bytes});
  }
  static ssize_t push(gnutls_transport_ptr_t pointer, const giovec_t* pieces, int count) {
    const Transport& self = of(pointer);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces);
    message.msg_iovlen = static_cast<std::size_t>(count);
    return sendmsg(self.fd, &message, MSG_NOSIGNAL | (self.is_ticket ? MSG_MORE : 0));
  }

  ssize_t receive(MutableBytes room) {
    if (!ahead.is_empty()) return take_ahead(room);
    if (std::exchange(is_drained, false)) {
      errno = EAGAIN;
      return -1;
    }
    thread_local std::array<std::byte, kReadAheadBytes> scratch;
    const ssize_t count = recv(fd, scratch.data(), scratch.size(), 0);
    if (count <= 0) return count;
    const auto bytes = static_cast<std::size_t>(count);
    is_drained = bytes < scratch.size();
    const std::size_t taken = std::min(bytes, room.size());
    std::memcpy(room.data(), scratch.data(), taken);
    ahead.append(Bytes(scratch).first(bytes).subspan(taken));
    return static_cast<ssize_t>(taken);
  }

  ssize_t take_ahead(MutableBytes room) {
    const std::size_t taken = std::min(ahead.size(), room.size());
    std::memcpy(room.data(), ahead.bytes().data(), taken);
    ahead.consume(taken);
    if (ahead.is_empty()) ahead.release();
    return static_cast<ssize_t>(taken);
  }

  int fd;
  ByteBuffer ahead;
  bool is_drained = false;
  bool is_ticket = false;
};

void GnutlsSocket::FreeTransport::operator()(Transport* transport) const noexcept {
  delete transport;
}

void GnutlsSocket::start_tls(const GnutlsContext& context) {
  gnutls_session_t session = nullptr;
  CHECK(gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_AUTO_SEND_TICKET) == 0);
  transport_.reset(new Transport(fd_.get()));
  session_.reset(session);
  CHECK(gnutls_priority_set(session, context.priorities_) == 0);
  CHECK(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, context.credentials_) == 0);
  CHECK(gnutls_session_ticket_enable_server(session, &context.ticket_key_) == 0);
  std::array<unsigned char, 8> http = {'h', 't', 't', 'p', '/', '1', '.', '1'};
  const gnutls_datum_t protocol{http.data(), http.size()};
  CHECK(gnutls_alpn_set_protocols(session, &protocol, 1, GNUTLS_ALPN_MANDATORY) == 0);
  gnutls_transport_set_ptr(session, transport_.get());
  gnutls_transport_set_pull_function(session, Transport::pull);
  gnutls_transport_set_vec_push_function(session, Transport::push);
}

net::IoResult GnutlsSocket::result_of(ssize_t outcome) const noexcept {
  if (outcome > 0) return {Status::done, static_cast<std::size_t>(outcome)};
  if (outcome == 0 || outcome == GNUTLS_E_PREMATURE_TERMINATION) return {Status::closed, 0};
  if (!is_temporary(outcome)) return {Status::failed, 0};
  const bool is_writing = gnutls_record_get_direction(session_.get()) == 1;
  return {is_writing ? Status::wants_write : Status::wants_read, 0};
}

net::IoResult GnutlsSocket::handshake() noexcept {
  const int outcome = gnutls_handshake(session_.get());
  if (outcome != 0) return result_of(outcome);
  if (gnutls_protocol_get_version(session_.get()) == GNUTLS_TLS1_3) {
    transport_->is_ticket = true;
    CHECK(gnutls_session_ticket_send(session_.get(), 1, 0) == 0);
    transport_->is_ticket = false;
  }
  transport_->is_drained = false;  // The first request may have come in the meantime.
  return {Status::done, 0};
}

bool GnutlsSocket::is_resumed() const noexcept {
  return gnutls_session_is_resumed(session_.get()) != 0;
}

net::IoResult GnutlsSocket::receive(MutableBytes room) noexcept {
  std::size_t bytes = 0;
  for (int records = 0; records < kMaxRecords && bytes < room.size(); ++records) {
    const net::IoResult result =
        result_of(gnutls_record_recv(session_.get(), room.data() + bytes, room.size() - bytes));
    if (result.status != Status::done) return {result.status, bytes};
    bytes += result.bytes;
  }
  return {Status::done, bytes};
}

net::IoResult GnutlsSocket::send(Bytes bytes) noexcept {
  return result_of(gnutls_record_send(session_.get(), bytes.data(), bytes.size()));
}

void GnutlsSocket::close() noexcept {
  if (session_) gnutls_bye(session_.get(), GNUTLS_SHUT_WR);
  session_.reset();
  fd_.reset();
}

}  // namespace aquatic::bench
