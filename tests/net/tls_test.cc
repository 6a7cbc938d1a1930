// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cctype>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "tests/support/certificates.h"

namespace aquatic::net {
namespace {

using Status = IoResult::Status;
using test::Certificates;

struct SocketPair {
  FileDescriptor server, client;
};

SocketPair connect_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

// A client that runs beside the server, blocking.
class Client {
 public:
  explicit Client(int version = TLS1_3_VERSION) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_security_level(context_, 0);  // Lets it try what is obsolete.
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_set_app_data(context_, this);
    SSL_CTX_sess_set_new_cb(context_, [](SSL* ssl, SSL_SESSION* session) {
      static_cast<Client*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->keep(session);
      return 1;
    });
  }
  ~Client() {
    SSL_SESSION_free(session_);
    SSL_CTX_free(context_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void offer_protocols(const std::string& wire) { protocols_ = wire; }

  // What it learned: the server's echo of its message in upper case, or "failed".
  std::string talk(int fd, const std::string& message) {
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, fd);
    if (session_ != nullptr) SSL_set_session(ssl, session_);
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols_.data()),
                        static_cast<unsigned>(protocols_.size()));
    std::string answer = "failed";
    if (SSL_connect(ssl) == 1) {
      was_resumed = SSL_session_reused(ssl) == 1;
      const unsigned char* name = nullptr;
      unsigned length = 0;
      SSL_get0_alpn_selected(ssl, &name, &length);
      protocol = std::string(reinterpret_cast<const char*>(name), length);
      SSL_write(ssl, message.data(), static_cast<int>(message.size()));
      answer.resize(message.size());
      int got = 0;
      while (got < static_cast<int>(answer.size())) {
        const int count = SSL_read(ssl, answer.data() + got, static_cast<int>(answer.size()) - got);
        if (count <= 0) break;
        got += count;
      }
      answer.resize(static_cast<std::size_t>(got));
      SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // Keeps it resumable.
    }
    SSL_free(ssl);
    return answer;
  }

  bool was_resumed = false;
  std::string protocol;

 private:
  void keep(SSL_SESSION* session) {
    SSL_SESSION_free(session_);
    session_ = session;
  }

  SSL_CTX* context_;
  SSL_SESSION* session_ = nullptr;
  std::string protocols_;
};

void wait_for(int fd, Status status) {
  pollfd wanted{fd, static_cast<short>(status == Status::wants_write ? POLLOUT : POLLIN), 0};
  ASSERT_GT(poll(&wanted, 1, 10'000), 0);
}

// The server's side: a handshake, then everything back in upper case until the client is gone.
struct Served {
  bool has_handshake = false;
  bool is_resumed = false;
  std::size_t bytes = 0;
};

Served serve(const TlsContext& context, int fd) {
  TlsSession session(context, fd);
  Served served;
  IoResult result = session.handshake();
  while (result.status == Status::wants_read || result.status == Status::wants_write) {
    wait_for(fd, result.status);
    result = session.handshake();
  }
  served.has_handshake = result.status == Status::done;
  if (!served.has_handshake) return served;
  served.is_resumed = session.is_resumed();
  std::array<std::byte, 1000> room{};
  while (true) {
    result = session.read(room);
    if (result.status == Status::wants_read) {
      EXPECT_FALSE(session.has_pending_input());
      wait_for(fd, result.status);
      continue;
    }
    if (result.status != Status::done) return served;
    served.bytes += result.bytes;
    Bytes rest(room.data(), result.bytes);
    for (std::byte& byte : room)
      byte = static_cast<std::byte>(std::toupper(static_cast<int>(byte)));
    while (!rest.empty()) {
      const IoResult written = session.write(rest);
      if (written.status == Status::done) {
        rest = rest.subspan(written.bytes);
      } else if (written.status == Status::wants_write) {
        wait_for(fd, written.status);
      } else {
        return served;
      }
    }
  }
}

// One conversation; what both sides saw of it.
struct Talk {
  std::string answer;
  Served served;
};

Talk talk(const TlsContext& context, Client& client, const std::string& message = "hello") {
  SocketPair pair = connect_pair();
  const int fd = pair.server.get();
  EXPECT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
  Talk result;
  std::thread peer([&] {
    result.answer = client.talk(pair.client.get(), message);
    pair.client.reset();
  });
  result.served = serve(context, fd);
  pair.server.reset();
  peer.join();
  return result;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

class Tls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = std::make_unique<Certificates>();
    files_->make_self_signed("first");
    files_->make_self_signed("second");
  }
  static void TearDownTestSuite() { files_.reset(); }

  static std::shared_ptr<const TlsContext> load(const std::string& certificate,
                                                const std::string& key,
                                                const TlsContext* previous = nullptr) {
    return TlsContext::load(files_->path(certificate), files_->path(key), previous);
  }
  static std::string error_of(const std::string& certificate, const std::string& key) {
    try {
      load(certificate, key);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  }

  static std::unique_ptr<Certificates> files_;
};

std::unique_ptr<Certificates> Tls::files_;

TEST_F(Tls, SpeaksVersions12And13AndNothingOlder) {
  const auto context = load("first.pem", "first.key");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client client(version);
    EXPECT_EQ(talk(*context, client).answer, "HELLO") << version;
  }
  Client old(TLS1_1_VERSION);
  const Talk refused = talk(*context, old);
  EXPECT_EQ(refused.answer, "failed");
  EXPECT_FALSE(refused.served.has_handshake);
}

TEST_F(Tls, MovesMoreThanTheSocketTakesAtOnce) {
  const auto context = load("first.pem", "first.key");
  const std::string message(300'000, 'x');
  Client client;
  EXPECT_EQ(talk(*context, client, message).answer, upper(message));
}

TEST_F(Tls, AnswersTheProtocolThatIsServedAndNoOther) {
  const auto context = load("first.pem", "first.key");
  Client both;
  both.offer_protocols("\x02h2\x08http/1.1");
  EXPECT_EQ(talk(*context, both).answer, "HELLO");
  EXPECT_EQ(both.protocol, "http/1.1");
  Client other;
  other.offer_protocols("\x02h2");
  EXPECT_EQ(talk(*context, other).answer, "HELLO");
  EXPECT_EQ(other.protocol, "");
}

TEST_F(Tls, TicketsSurviveANewCertificate) {
  const auto first = load("first.pem", "first.key");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client client(version);
    EXPECT_FALSE(talk(*first, client).served.is_resumed);
    EXPECT_TRUE(talk(*first, client).served.is_resumed);
    const auto second = load("second.pem", "second.key", first.get());
    EXPECT_TRUE(talk(*second, client).served.is_resumed);
    EXPECT_TRUE(client.was_resumed);
    const auto stranger = load("second.pem", "second.key");
    EXPECT_FALSE(talk(*stranger, client).served.is_resumed);
  }
}

TEST_F(Tls, GarbageFailsTheHandshake) {
  const auto context = load("first.pem", "first.key");
  SocketPair pair = connect_pair();
  ASSERT_EQ(send(pair.client.get(), "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
  EXPECT_FALSE(serve(*context, pair.server.get()).has_handshake);
}

TEST_F(Tls, APeerWhoGoesAwayIsNoSignal) {
  const auto context = load("first.pem", "first.key");
  SocketPair pair = connect_pair();
  pair.client.reset();
  EXPECT_FALSE(serve(*context, pair.server.get()).has_handshake);
}

TEST_F(Tls, ReadsEveryUsualFormOfKey) {
  files_->openssl("ec -in first.key -out sec1.key");
  EXPECT_EQ(error_of("first.pem", "sec1.key"), "none");
  files_->openssl(
      "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rsa -keyout rsa.key "
      "-out rsa.pem");
  EXPECT_EQ(error_of("rsa.pem", "rsa.key"), "none");
  files_->openssl("rsa -in rsa.key -traditional -out pkcs1.key");
  EXPECT_THAT(files_->read("pkcs1.key"), testing::HasSubstr("BEGIN RSA PRIVATE KEY"));
  EXPECT_EQ(error_of("rsa.pem", "pkcs1.key"), "none");
}

TEST_F(Tls, SendsTheWholeChain) {
  files_->write("chain.pem", files_->read("first.pem") + files_->read("second.pem"));
  EXPECT_EQ(error_of("chain.pem", "first.key"), "none");
  EXPECT_THAT(error_of("chain.pem", "second.key"), testing::HasSubstr("does not belong"));
}

TEST_F(Tls, SaysWhatIsWrongWithAFile) {
  using testing::HasSubstr;
  files_->write("empty", "");
  files_->write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  files_->write("broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  files_->openssl("pkcs8 -topk8 -in first.key -passout pass:x -out encrypted.key");
  files_->openssl("ec -in first.key -aes128 -passout pass:x -out encrypted-sec1.key");
  files_->openssl("x509 -in first.pem -outform DER -out der.pem");
  EXPECT_THAT(error_of("absent", "first.key"), HasSubstr("absent"));
  EXPECT_THAT(error_of("empty", "first.key"), HasSubstr("no certificate in it"));
  EXPECT_THAT(error_of("der.pem", "first.key"), HasSubstr("no certificate in it"));
  EXPECT_THAT(error_of("broken.pem", "first.key"), HasSubstr("certificate 1 cannot be read"));
  EXPECT_THAT(error_of("first.pem", "absent"), HasSubstr("absent"));
  EXPECT_THAT(error_of("first.pem", "first.pem"), HasSubstr("no private key in it"));
  EXPECT_THAT(error_of("first.pem", "broken.key"), HasSubstr("cannot be read"));
  EXPECT_THAT(error_of("first.pem", "encrypted.key"), HasSubstr("is encrypted"));
  EXPECT_THAT(error_of("first.pem", "encrypted-sec1.key"), HasSubstr("is encrypted"));
  EXPECT_THAT(error_of("first.pem", "second.key"), HasSubstr("does not belong"));
}

}  // namespace
}  // namespace aquatic::net
