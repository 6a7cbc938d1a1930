// SPDX-License-Identifier: Apache-2.0
#include "net/tls_transport.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <memory>

#include "tests/support/socket_pair.h"
#include "tests/support/tls_peer.h"

namespace aquatic::net {
namespace {

using Status = IoResult::Status;

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};

// A server without a certificate: it gets as far as the first message of its peer.
struct Fixture {
  Fixture() : transport(session.get(), sockets.first.get()) { SSL_set_accept_state(session.get()); }

  Status step() {
    ERR_clear_error();
    return transport.result_of(SSL_do_handshake(session.get()), 0).status;
  }

  std::pair<FileDescriptor, test::TcpPeer> sockets = test::make_socket_pair();
  std::unique_ptr<SSL_CTX, FreeContext> context{SSL_CTX_new(TLS_server_method())};
  std::unique_ptr<SSL, FreeSession> session{SSL_new(context.get())};
  TlsTransport transport;
};

TEST(TlsTransport, AnEmptySocketIsToBeReadLater) {
  Fixture server;
  EXPECT_EQ(server.step(), Status::wants_read);
}

TEST(TlsTransport, WhatArrivesReachesTheSession) {
  Fixture server;
  test::TlsPeer peer;
  server.sockets.second.send(peer.take_out());
  EXPECT_EQ(server.step(), Status::failed);  // It has nothing to prove itself with.
  server.sockets.second.close();
}

TEST(TlsTransport, AFullSocketIsToBeWrittenLater) {
  Fixture server;
  std::string junk(1 << 16, 'x');
  while (::send(server.sockets.first.get(), junk.data(), junk.size(), MSG_NOSIGNAL) > 0) {
  }
  char byte = 0;
  BIO* bio = SSL_get_wbio(server.session.get());
  EXPECT_EQ(BIO_write(bio, &byte, 1), -1);
  EXPECT_TRUE(BIO_should_write(bio));
}

TEST(TlsTransport, NoSignalComesOfAPeerWhoIsGone) {
  Fixture server;
  server.sockets.second.close();
  char byte = 0;
  BIO* bio = SSL_get_wbio(server.session.get());
  EXPECT_EQ(BIO_write(bio, &byte, 1), -1);
  EXPECT_FALSE(BIO_should_retry(bio));
}

TEST(TlsTransport, AskedAgainAfterAShortReadItWaitsForNewInput) {
  Fixture server;
  BIO* bio = SSL_get_rbio(server.session.get());
  std::array<char, 8> room;
  server.sockets.second.send("ab");
  EXPECT_EQ(BIO_read(bio, room.data(), room.size()), 2);
  server.sockets.second.send("cd");
  EXPECT_EQ(BIO_read(bio, room.data(), room.size()), -1);
  EXPECT_TRUE(BIO_should_read(bio));
  EXPECT_EQ(BIO_read(bio, room.data(), room.size()), 2);
  server.sockets.second.send("ef");
  server.transport.expect_input();
  EXPECT_EQ(BIO_read(bio, room.data(), room.size()), 2);
}

TEST(TlsTransport, TheEndOfTheStreamIsNoError) {
  Fixture server;
  server.sockets.second.close();
  BIO* bio = SSL_get_rbio(server.session.get());
  std::array<char, 8> room;
  EXPECT_EQ(BIO_read(bio, room.data(), room.size()), 0);
  EXPECT_TRUE(BIO_eof(bio));
}

}  // namespace
}  // namespace aquatic::net
