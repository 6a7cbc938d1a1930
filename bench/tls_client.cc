// SPDX-License-Identifier: Apache-2.0
#include "bench/tls_client.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>

#include "base/check.h"
#include "bench/tls_server.h"
#include "net/socket_address.h"

namespace aquatic::bench {
namespace {

using Message = std::array<std::byte, kMessageBytes>;

constexpr std::array<unsigned char, 9> kAlpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

FileDescriptor connect_to(const Endpoint& server) {
  FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(fd.is_open());
  const int on = 1;
  CHECK(setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
  const net::SocketAddress address = net::to_socket_address(server);
  CHECK(connect(fd.get(), &address.any, net::length_of(address)) == 0);
  return fd;
}

// One for all, as making one takes longer than a handshake.
SSL_CTX* context() {
  static SSL_CTX* const context = [] {
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    CHECK(made != nullptr);
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
    return made;
  }();
  return context;
}

}  // namespace

TlsClient::TlsClient(const Endpoint& server, bool is_secure)
    : server_(server), is_secure_(is_secure) {}

void TlsClient::connect(bool resumes) {
  // Without this, what was given to the connection would count as broken with it.
  if (session_) SSL_set_shutdown(session_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  session_.reset();
  fd_ = connect_to(server_);
  if (!is_secure_) return;
  session_.reset(SSL_new(context()));
  CHECK(session_ != nullptr && SSL_set_fd(session_.get(), fd_.get()) == 1);
  CHECK(SSL_set_alpn_protos(session_.get(), kAlpn.data(), kAlpn.size()) == 0);
  if (resumes) CHECK(ticket_ && SSL_set_session(session_.get(), ticket_.get()) == 1);
  CHECK(SSL_connect(session_.get()) == 1);
  CHECK((SSL_session_reused(session_.get()) == 1) == resumes);
}

std::size_t TlsClient::read_some() {
  Message room;
  if (!session_) {
    const ssize_t count = recv(fd_.get(), room.data(), room.size(), 0);
    CHECK(count >= 0);
    return static_cast<std::size_t>(count);
  }
  const int count = SSL_read(session_.get(), room.data(), static_cast<int>(room.size()));
  CHECK(count > 0 || SSL_get_error(session_.get(), count) == SSL_ERROR_ZERO_RETURN);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void TlsClient::exchange(std::byte what_then) {
  Message request{};
  request[0] = what_then;
  if (session_) {
    CHECK(SSL_write(session_.get(), request.data(), static_cast<int>(request.size())) ==
          static_cast<int>(request.size()));
  } else {
    CHECK(send(fd_.get(), request.data(), request.size(), 0) == ssize_t(request.size()));
  }
  for (std::size_t received = 0; received < kMessageBytes;) {
    const std::size_t count = read_some();
    CHECK(count > 0);
    received += count;
  }
  // The ticket of TLS 1.3 comes before the first response.
  if (session_ && !ticket_) {
    ticket_.reset(SSL_get1_session(session_.get()));
    CHECK(SSL_SESSION_is_resumable(ticket_.get()) == 1);
  }
}

void TlsClient::finish() {
  CHECK(read_some() == 0);
  fd_.reset();
}

std::string TlsClient::description() const {
  if (!session_) return "no TLS";
  return std::string(SSL_get_version(session_.get())) + " " + SSL_get_cipher(session_.get());
}

}  // namespace aquatic::bench
