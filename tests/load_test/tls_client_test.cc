// SPDX-License-Identifier: Apache-2.0
#include "load_test/tls_client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "base/check.h"
#include "base/file_descriptor.h"
#include "net/tls.h"
#include "tests/support/certificates.h"

namespace aquatic::load_test {
namespace {

using Status = net::IoResult::Status;

// Each of them takes both ends a step further; with the most steps a handshake takes three.
constexpr int kMaxSteps = 10;

struct Sockets {
  Sockets() {
    std::array<int, 2> fds{};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) == 0);
    server = FileDescriptor(fds[0]);
    client = FileDescriptor(fds[1]);
  }
  FileDescriptor server;
  FileDescriptor client;
};

// Both ends of one connection.
struct Connection {
  Connection(const net::TlsContext& context, TlsClient& tls)
      : server(context, sockets.server.get()), client(tls, sockets.client.get()) {}

  bool shake_hands() {
    Status ours = Status::wants_read;
    Status theirs = Status::wants_read;
    for (int step = 0; step < kMaxSteps; ++step) {
      if (ours == Status::wants_read) ours = client.handshake().status;
      if (theirs == Status::wants_read) theirs = server.handshake().status;
    }
    return ours == Status::done && theirs == Status::done;
  }
  // What the server sends arrives; with it what TLS 1.3 has for a later session.
  std::string send_to_client(std::string_view text) {
    CHECK(server.write(as_bytes(text)).status == Status::done);
    std::array<std::byte, 100> room;
    const net::IoResult result = client.read(room);
    return std::string(as_text(Bytes(room).first(result.bytes)));
  }

  Sockets sockets;
  net::TlsSession server;
  TlsClientSession client;
};

class TlsClientTest : public testing::Test {
 protected:
  TlsClientTest() {
    certificates.make_self_signed("tracker");
    context = net::TlsContext::load(certificates.path("tracker.pem"),
                                    certificates.path("tracker.key"), nullptr);
  }

  // How many of so many connections, one after the other, were resumed.
  int resumed_of(int count, TlsClient& tls) const {
    int resumed = 0;
    for (int i = 0; i < count; ++i) {
      Connection connection(*context, tls);
      EXPECT_TRUE(connection.shake_hands());
      EXPECT_EQ(connection.send_to_client("hello"), "hello");
      EXPECT_EQ(connection.client.is_resumed(), connection.server.is_resumed());
      resumed += connection.client.is_resumed();
    }
    return resumed;
  }

  aquatic::test::Certificates certificates;
  std::shared_ptr<const net::TlsContext> context;
};

TEST_F(TlsClientTest, SpeaksTheVersionThatIsWanted) {
  TlsClient old_one({.version = TlsVersion::tls_1_2, .resumes = false});
  TlsClient new_one({.version = TlsVersion::tls_1_3, .resumes = false});
  Connection a(*context, old_one);
  Connection b(*context, new_one);
  ASSERT_TRUE(a.shake_hands());
  ASSERT_TRUE(b.shake_hands());
  EXPECT_EQ(a.client.version(), "TLSv1.2");
  EXPECT_EQ(b.client.version(), "TLSv1.3");
}

TEST_F(TlsClientTest, ResumesOnlyWhenTold) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    TlsClient forgets({.version = version, .resumes = false});
    TlsClient remembers({.version = version, .resumes = true});
    EXPECT_EQ(resumed_of(3, forgets), 0);
    EXPECT_EQ(resumed_of(3, remembers), 2);
  }
}

TEST_F(TlsClientTest, CarriesBytesBothWays) {
  TlsClient tls(TlsClient::Options{});
  Connection connection(*context, tls);
  ASSERT_TRUE(connection.shake_hands());
  EXPECT_EQ(connection.send_to_client("hello"), "hello");
  EXPECT_EQ(connection.client.write(as_bytes("and back")).bytes, 8u);
  std::array<std::byte, 100> room;
  EXPECT_EQ(connection.server.read(room).bytes, 8u);
  EXPECT_EQ(connection.client.read(room).status, Status::wants_read);
}

TEST_F(TlsClientTest, SeesThatTheServerCloses) {
  TlsClient tls(TlsClient::Options{});
  Connection connection(*context, tls);
  ASSERT_TRUE(connection.shake_hands());
  connection.server.close();
  std::array<std::byte, 1> room;
  EXPECT_EQ(connection.client.read(room).status, Status::closed);
}

TEST_F(TlsClientTest, WhatIsNotTlsFails) {
  TlsClient tls(TlsClient::Options{});
  Connection connection(*context, tls);
  EXPECT_EQ(connection.client.handshake().status, Status::wants_read);
  ASSERT_EQ(::send(connection.sockets.server.get(), "HTTP/1.1 400\r\n", 14, 0), 14);
  EXPECT_EQ(connection.client.handshake().status, Status::failed);
}

}  // namespace
}  // namespace aquatic::load_test
