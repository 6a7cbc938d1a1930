// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/certificates.h"
#include "tests/support/socket_pair.h"
#include "tests/support/tls_peer.h"

namespace aquatic::net {
namespace {

using Status = IoResult::Status;
using test::TlsPeer;
using testing::HasSubstr;

// Each of them takes both ends a step further; with the most steps a handshake takes two.
constexpr int kMaxSteps = 10;

// Both ends of a connection, with nothing said yet.
struct Connection {
  Connection(const TlsContext& context, TlsPeer& other_end)
      : Connection(context, other_end, test::make_socket_pair()) {}
  Connection(const TlsContext& context, TlsPeer& other_end,
             std::pair<FileDescriptor, test::TcpPeer> sockets)
      : peer(other_end),
        fd(std::move(sockets.first)),
        tcp(std::move(sockets.second)),
        session(context, fd.get()) {}

  // What the server's side makes of the handshake in the end.
  Status shake_hands() {
    Status status = Status::wants_read;
    for (int step = 0; step < kMaxSteps && status == Status::wants_read; ++step) {
      peer.exchange_with(tcp);
      status = session.handshake().status;
    }
    peer.exchange_with(tcp);
    return status;
  }

  std::string read(std::size_t max_bytes = 1000) {
    std::string text(max_bytes, '\0');
    const IoResult result = session.read(std::as_writable_bytes(std::span(text)));
    last_status = result.status;
    text.resize(result.bytes);
    return text;
  }

  TlsPeer& peer;
  FileDescriptor fd;
  test::TcpPeer tcp;
  TlsSession session;
  Status last_status = Status::done;
};

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = std::make_unique<test::Certificates>();
    files_->make_self_signed("first");
    files_->make_self_signed("second");
  }
  static void TearDownTestSuite() { files_.reset(); }

  // What goes wrong in one connection has to stay there.
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  static std::shared_ptr<const TlsContext> load(const std::string& name,
                                                const TlsContext* previous = nullptr) {
    return TlsContext::load(files_->path(name + ".pem"), files_->path(name + ".key"), previous);
  }

  static std::unique_ptr<test::Certificates> files_;
  const std::shared_ptr<const TlsContext> context_ = load("first");
};

std::unique_ptr<test::Certificates> TlsTest::files_;

// --- Handshakes ----------------------------------------------------------------------------------

TEST_F(TlsTest, SpeaksVersions12And13) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeer peer({.version = version});
    Connection connection(*context_, peer);
    EXPECT_EQ(connection.shake_hands(), Status::done);
    EXPECT_FALSE(connection.session.is_resumed());
    ASSERT_TRUE(peer.is_connected());
    peer.send("request");
    peer.exchange_with(connection.tcp);
    EXPECT_EQ(connection.read(), "request");
    const IoResult written = connection.session.write(as_bytes("response"));
    EXPECT_EQ(written.status, Status::done);
    EXPECT_EQ(written.bytes, 8u);
    peer.exchange_with(connection.tcp);
    EXPECT_EQ(peer.received(), "response");
  }
}

TEST_F(TlsTest, RefusesOlderVersionsAndCiphersOfOldAge) {
  struct Case {
    test::TlsPeerOptions options;
    int alert;
  };
  const Case cases[] = {
      {{.version = TLS1_VERSION}, SSL_AD_PROTOCOL_VERSION},
      {{.version = TLS1_1_VERSION}, SSL_AD_PROTOCOL_VERSION},
      {{.version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA256"},
       SSL_AD_HANDSHAKE_FAILURE},
      {{.version = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"}, SSL_AD_HANDSHAKE_FAILURE},
  };
  for (const auto& [options, alert] : cases) {
    TlsPeer peer(options);
    Connection connection(*context_, peer);
    EXPECT_EQ(connection.shake_hands(), Status::failed) << options.ciphers;
    EXPECT_EQ(peer.alert(), alert) << options.ciphers;
  }
}

// The order is the peer's wish, the choice is ours; but one who likes ChaCha20 best has no AES in
// hardware.
TEST_F(TlsTest, ChoosesTheCipherThatCostsLeast) {
  struct Case {
    const char *suites, *ciphers, *chosen_13, *chosen_12;
  };
  const Case cases[] = {
      {"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
       "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
       "TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {"TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
       "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
       "TLS_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
      {"TLS_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_AES_256_GCM_SHA384",
       "ECDHE-ECDSA-AES256-GCM-SHA384"},
  };
  for (const auto& [suites, ciphers, chosen_13, chosen_12] : cases) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      TlsPeer peer({.version = version, .ciphers = ciphers});
      ASSERT_EQ(SSL_set_ciphersuites(peer.session(), suites), 1);
      Connection connection(*context_, peer);
      EXPECT_EQ(connection.shake_hands(), Status::done);
      EXPECT_STREQ(SSL_get_cipher(peer.session()),
                   version == TLS1_3_VERSION ? chosen_13 : chosen_12);
    }
  }
}

TEST_F(TlsTest, ChoosesHttpByAlpn) {
  struct Case {
    std::string offered, chosen;
    int alert;
  };
  const Case cases[] = {{"", "", 0},
                        {"\x08http/1.1", "http/1.1", 0},
                        {"\x02h2\x08http/1.1", "http/1.1", 0},
                        {"\x02h2", "", SSL_AD_NO_APPLICATION_PROTOCOL},
                        {"\x08http/1.0\x02h2", "", SSL_AD_NO_APPLICATION_PROTOCOL}};
  for (const auto& [offered, chosen, alert] : cases) {
    TlsPeer peer({.alpn = offered});
    Connection connection(*context_, peer);
    EXPECT_EQ(connection.shake_hands(), alert == 0 ? Status::done : Status::failed) << offered;
    EXPECT_EQ(peer.chosen_alpn(), chosen);
    EXPECT_EQ(peer.alert(), alert) << offered;
  }
}

TEST_F(TlsTest, ShowsTheWholeChain) {
  files_->openssl(
      "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=issued -CA first.pem -CAkey first.key "
      "-keyout issued.key -out own.pem");
  files_->write("issued.pem", files_->read("own.pem") + "\nremark\n" + files_->read("first.pem"));
  const auto context = load("issued");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeer peer({.version = version});
    Connection connection(*context, peer);
    EXPECT_EQ(connection.shake_hands(), Status::done);
    EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(peer.session())), 2);
  }
}

TEST_F(TlsTest, TakesAHandshakeAndARequestByteByByte) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeer peer({.version = version});
    Connection connection(*context_, peer);
    Status status = Status::wants_read;
    std::string request;
    for (std::string out = peer.take_out(); !out.empty(); out = peer.take_out()) {
      for (const char byte : out) {
        connection.tcp.send({&byte, 1});
        // The same byte is asked for twice: the first time may be spared to the kernel.
        for (int i = 0; i < 2 && status == Status::wants_read; ++i) {
          status = connection.session.handshake().status;
        }
        for (int i = 0; i < 2 && status == Status::done && request.empty(); ++i) {
          request = connection.read();
        }
      }
      peer.take_in(connection.tcp.take_received());
      if (status == Status::done && peer.is_connected() && request.empty()) peer.send("request");
    }
    EXPECT_EQ(status, Status::done);
    EXPECT_EQ(request, "request");
  }
}

TEST_F(TlsTest, FailsWithWhateverIsNoTls) {
  for (const std::string& text : {std::string("GET /announce HTTP/1.1\r\n\r\n"),
                                  std::string(2000, '\0'), std::string("\x16\x03\x01\xff\xff\x01"),
                                  std::string("\x16\x03\x01\x00\x04\x01\xff\xff\xff", 9)}) {
    TlsPeer nobody;
    Connection connection(*context_, nobody);
    connection.tcp.send(text);
    EXPECT_EQ(connection.session.handshake().status, Status::failed) << text;
    EXPECT_EQ(connection.session.handshake().status, Status::failed) << text;
    connection.session.close();
  }
}

TEST_F(TlsTest, EndsWhenThePeerGoesInMidHandshake) {
  TlsPeer peer;
  Connection silent(*context_, peer);
  EXPECT_EQ(silent.session.handshake().status, Status::wants_read);
  silent.tcp.close();
  EXPECT_EQ(silent.session.handshake().status, Status::closed);

  Connection half(*context_, peer);
  half.tcp.send(peer.take_out());
  half.tcp.close();
  EXPECT_EQ(half.session.handshake().status, Status::failed);  // Which is no signal either.
}

TEST_F(TlsTest, DoesNotNegotiateAgain) {
  TlsPeer peer({.version = TLS1_2_VERSION});
  Connection connection(*context_, peer);
  ASSERT_EQ(connection.shake_hands(), Status::done);
  SSL_renegotiate(peer.session());
  peer.exchange_with(connection.tcp);
  EXPECT_EQ(connection.read(), "");
  EXPECT_NE(connection.last_status, Status::done);
  peer.exchange_with(connection.tcp);
  EXPECT_FALSE(peer.is_connected());
}

// --- Resumption ----------------------------------------------------------------------------------

// Connects, says something, as tickets come with the first response, and tells whether it was
// resumed, on which both have to agree.
bool is_resumed(const TlsContext& context, TlsPeer& peer) {
  peer.begin();
  Connection connection(context, peer);
  EXPECT_EQ(connection.shake_hands(), Status::done);
  EXPECT_EQ(connection.session.write(as_bytes("response")).status, Status::done);
  peer.exchange_with(connection.tcp);
  EXPECT_EQ(peer.received(), "response");
  EXPECT_TRUE(peer.has_ticket());
  EXPECT_EQ(peer.was_resumed(), connection.session.is_resumed());
  return connection.session.is_resumed();
}

TEST_F(TlsTest, ResumesWithTicketsOfThePreviousContext) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeer peer({.version = version});
    EXPECT_FALSE(is_resumed(*context_, peer));
    EXPECT_TRUE(is_resumed(*context_, peer));
    const auto second = load("second", context_.get());
    EXPECT_TRUE(is_resumed(*second, peer));
    const auto third = load("first", second.get());
    EXPECT_TRUE(is_resumed(*third, peer));
    EXPECT_TRUE(is_resumed(*context_, peer));  // Of another worker, which has not noticed yet.
    const auto stranger = load("first");
    EXPECT_FALSE(is_resumed(*stranger, peer));
    EXPECT_TRUE(is_resumed(*stranger, peer));
  }
}

TEST_F(TlsTest, GivesNoLeaveToSendEarly) {
  TlsPeer peer;
  is_resumed(*context_, peer);
  EXPECT_EQ(SSL_SESSION_get_max_early_data(peer.ticket()), 0u);
}

TEST_F(TlsTest, SessionsOutliveTheirContext) {
  auto context = load("second");
  TlsPeer peer;
  Connection connection(*context, peer);
  context.reset();
  EXPECT_EQ(connection.shake_hands(), Status::done);
}

TEST_F(TlsTest, ContextsServeSeveralThreads) {
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 3; ++worker) {
    workers.emplace_back([this] {
      TlsPeer peer;
      EXPECT_FALSE(is_resumed(*context_, peer));
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(is_resumed(*context_, peer));
    });
  }
  for (std::thread& worker : workers) worker.join();
}

// --- Data ----------------------------------------------------------------------------------------

TEST_F(TlsTest, KnowsWhatItCanGiveWithoutTheSocket) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  ASSERT_EQ(connection.shake_hands(), Status::done);
  EXPECT_EQ(connection.read(), "");
  EXPECT_EQ(connection.last_status, Status::wants_read);
  EXPECT_FALSE(connection.session.has_pending_input());

  // Two records, and the third but for its last byte.
  peer.send("first");
  peer.send("second");
  peer.send("third");
  std::string out = peer.take_out();
  const char last = out.back();
  out.pop_back();
  connection.tcp.send(out);
  EXPECT_EQ(connection.read(3), "fir");
  EXPECT_TRUE(connection.session.has_pending_input());
  EXPECT_EQ(connection.read(3), "st");
  EXPECT_TRUE(connection.session.has_pending_input());
  EXPECT_EQ(connection.read(), "second");
  EXPECT_EQ(connection.read(), "");
  EXPECT_EQ(connection.last_status, Status::wants_read);
  EXPECT_FALSE(connection.session.has_pending_input());

  connection.tcp.send({&last, 1});
  EXPECT_EQ(connection.read(), "third");
  EXPECT_FALSE(connection.session.has_pending_input());
}

// Where a request comes with the end of the handshake, nothing in the socket tells of it.
TEST_F(TlsTest, HasARequestPendingThatCameWithTheHandshake) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  peer.exchange_with(connection.tcp);
  ASSERT_EQ(connection.session.handshake().status, Status::wants_read);
  peer.take_in(connection.tcp.take_received());
  ASSERT_TRUE(peer.is_connected());
  peer.send("request");
  peer.exchange_with(connection.tcp);
  ASSERT_EQ(connection.session.handshake().status, Status::done);
  EXPECT_TRUE(connection.session.has_pending_input());
  EXPECT_EQ(connection.read(), "request");
}

// The rest is offered again from elsewhere, with more behind it, as buffers grow and move.
TEST_F(TlsTest, WritesToAPeerThatReadsSlowly) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  ASSERT_EQ(connection.shake_hands(), Status::done);
  std::string all;
  for (int i = 0; all.size() < 2'000'000; ++i) all += std::to_string(i) + ' ';
  std::size_t sent = 0;
  std::size_t refusals = 0;
  std::size_t offered = all.size() / 2;
  while (sent < all.size()) {
    const std::string elsewhere = all.substr(sent, offered - sent);
    const IoResult result = connection.session.write(as_bytes(elsewhere));
    ASSERT_TRUE(result.status == Status::done || result.status == Status::wants_write);
    sent += result.bytes;
    offered = std::min(all.size(), std::max(offered, sent) + 1000);
    if (result.status == Status::wants_write) {
      ++refusals;
      peer.exchange_with(connection.tcp);
    }
  }
  peer.exchange_with(connection.tcp);
  EXPECT_TRUE(peer.received() == all);
  EXPECT_GT(refusals, 0u);
}

TEST_F(TlsTest, GoesOnWhenKeysAreUpdated) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  ASSERT_EQ(connection.shake_hands(), Status::done);
  ASSERT_EQ(SSL_key_update(peer.session(), SSL_KEY_UPDATE_REQUESTED), 1);
  peer.send("request");
  peer.exchange_with(connection.tcp);
  EXPECT_EQ(connection.read(), "request");
  EXPECT_EQ(connection.session.write(as_bytes("response")).status, Status::done);
  peer.exchange_with(connection.tcp);
  EXPECT_EQ(peer.received(), "response");
}

TEST_F(TlsTest, FailsWithDataThatWasForged) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  ASSERT_EQ(connection.shake_hands(), Status::done);
  peer.send("request");
  std::string out = peer.take_out();
  out.back() = static_cast<char>(out.back() ^ 1);
  connection.tcp.send(out);
  EXPECT_EQ(connection.read(), "");
  EXPECT_EQ(connection.last_status, Status::failed);
  EXPECT_FALSE(connection.session.has_pending_input());
  EXPECT_EQ(connection.session.write(as_bytes("response")).status, Status::failed);
  peer.exchange_with(connection.tcp);
  EXPECT_EQ(peer.alert(), SSL_AD_BAD_RECORD_MAC);
}

// --- The end -------------------------------------------------------------------------------------

TEST_F(TlsTest, PeersCloseWithAWordOrWithout) {
  for (const bool with_a_word : {true, false}) {
    TlsPeer peer;
    Connection connection(*context_, peer);
    ASSERT_EQ(connection.shake_hands(), Status::done);
    if (with_a_word) {
      peer.close();
      peer.exchange_with(connection.tcp);
    } else {
      connection.tcp.close();
    }
    EXPECT_EQ(connection.read(), "");
    EXPECT_EQ(connection.last_status, Status::closed);
    connection.session.close();
  }
}

TEST_F(TlsTest, ClosesOnceAndWithAWord) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  ASSERT_EQ(connection.shake_hands(), Status::done);
  EXPECT_FALSE(peer.has_seen_close());
  connection.session.close();
  const std::string word = connection.tcp.take_received();
  EXPECT_FALSE(word.empty());
  peer.take_in(word);
  EXPECT_TRUE(peer.has_seen_close());
  connection.session.close();
  EXPECT_EQ(connection.tcp.take_received(), "");
}

TEST_F(TlsTest, ClosesWithoutAWordInMidHandshake) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  connection.session.close();
  EXPECT_EQ(connection.session.handshake().status, Status::wants_read);
  connection.session.close();
  EXPECT_EQ(connection.tcp.take_received(), "");
}

// SIGPIPE would end the test.
TEST_F(TlsTest, FailsToWriteToAPeerThatIsGone) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  ASSERT_EQ(connection.shake_hands(), Status::done);
  connection.tcp.close();
  EXPECT_EQ(connection.session.write(as_bytes("response")).status, Status::failed);
  connection.session.close();
}

TEST_F(TlsTest, Moves) {
  TlsPeer peer;
  Connection connection(*context_, peer);
  TlsSession moved(std::move(connection.session));
  connection.session = std::move(moved);
  EXPECT_EQ(connection.shake_hands(), Status::done);
}

// --- Files: what is wrong with one of them is a matter of tls_credentials_test.cc ----------------

TEST_F(TlsTest, LoadsAnExpiredCertificateAndSaysSo) {
  using Clock = std::chrono::system_clock;
  EXPECT_GT(context_->expires_at(), Clock::now());
  files_->openssl("x509 -in first.pem -signkey first.key -days -1 -out expired.pem");
  files_->write("expired.key", files_->read("first.key"));
  const auto expired = load("expired");
  EXPECT_LT(expired->expires_at(), Clock::now());
  TlsPeer peer;
  EXPECT_EQ(Connection(*expired, peer).shake_hands(), Status::done);
}

TEST_F(TlsTest, RefusesCertificatesThatNoPeerTrusts) {
  files_->openssl(
      "req -x509 -newkey rsa:1024 -nodes -days 2 -subj /CN=weak -keyout weak.key -out weak.pem");
  try {
    load("weak");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("weak.pem cannot be used (ee key too small): have one"));
  }
}

}  // namespace
}  // namespace aquatic::net
