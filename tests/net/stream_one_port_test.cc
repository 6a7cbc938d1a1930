// SPDX-License-Identifier: Apache-2.0
// Streams of stream_server.h with TLS and without on one port: the first byte decides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/proxy_header.h"
#include "net/stream_server.h"
#include "net/tls.h"
#include "tests/net/stream_rig.h"
#include "tests/support/certificates.h"
#include "tests/support/live_memory.h"
#include "tests/support/tls_peer.h"

namespace aquatic::net {
namespace {

using test::TcpPeer;
using test::TlsPeer;
using testing::IsEmpty;

constexpr const char* kHeader = "PROXY TCP4 192.0.2.1 198.51.100.1 4000 80\r\n";

class StreamOnePortTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = std::make_unique<test::Certificates>();
    files_->make_self_signed("own");
  }
  static void TearDownTestSuite() { files_.reset(); }

  StreamRig::Options options() const {
    StreamRig::Options options;
    options.tls = &tls_;
    options.stream.also_plain = true;
    return options;
  }
  // Trusts 127.0.0.1.
  StreamRig::Options proxied() const {
    StreamRig::Options options = this->options();
    options.stream.proxies.networks = {{*IpAddress::parse("127.0.0.1"), 32}};
    return options;
  }

  // Goes on with TLS where `tls` is, until a line has come back through it. Returns that.
  static std::string ask(StreamRig& rig, TlsPeer& tls, TcpPeer& tcp, std::string_view text) {
    EXPECT_TRUE(rig.serve_until([&] {
      tls.exchange_with(tcp);
      return tls.is_connected();
    }));
    const std::size_t before = tls.received().size();
    tls.send(text);
    EXPECT_TRUE(rig.serve_until([&] {
      tls.exchange_with(tcp);
      return tls.received().size() > before && tls.received().ends_with('\n');
    }));
    return tls.received().substr(before);
  }

  static void send_slowly(StreamRig& rig, TcpPeer& tcp, std::string_view bytes) {
    for (const char byte : bytes) {
      tcp.send({&byte, 1});
      rig.serve_arrived(tcp);
    }
  }

  static std::unique_ptr<test::Certificates> files_;
  const Snapshot<TlsContext> tls_{
      TlsContext::load(files_->path("own.pem"), files_->path("own.key"), nullptr)};
};

std::unique_ptr<test::Certificates> StreamOnePortTest::files_;

TEST_F(StreamOnePortTest, BothAreServed) {
  StreamRig rig(options());
  TcpPeer plain = rig.connect();
  TcpPeer tcp = rig.connect();
  TlsPeer tls;
  EXPECT_EQ(rig.ask(plain, "who\n", 1), plain.address().to_string() + " plain\n");
  EXPECT_EQ(ask(rig, tls, tcp, "who\n"), tcp.address().to_string() + " secure\n");
  EXPECT_EQ(rig.ask(plain, "echo again\n", 1), "again\n");
  EXPECT_EQ(ask(rig, tls, tcp, "echo again\n"), "again\n");
  EXPECT_EQ(rig.counters().handshakes, 1u);
  EXPECT_EQ(rig.counters().failed_handshakes, 0u);
}

TEST_F(StreamOnePortTest, UnlessItIsSwitchedOnThereIsOnlyTls) {
  StreamRig::Options options = this->options();
  options.stream.also_plain = false;
  StreamRig rig(options);
  TcpPeer peer = rig.connect();
  peer.send("echo hello\n");
  EXPECT_TRUE(rig.serve_until([&] { return peer.has_seen_end(); }));
  EXPECT_EQ(rig.counters().failed_handshakes, 1u);
  EXPECT_THAT(rig.handler.events, IsEmpty());
}

TEST_F(StreamOnePortTest, WithoutACertificateThereIsOnlyPlainText) {
  StreamRig::Options options = this->options();
  options.tls = nullptr;
  StreamRig rig(options);
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "\x16\n", 1), "what\n");
}

TEST_F(StreamOnePortTest, BytesMayComeOneByOne) {
  StreamRig rig(options());
  TcpPeer plain = rig.connect();
  send_slowly(rig, plain, "who\n");
  EXPECT_EQ(plain.received(), plain.address().to_string() + " plain\n");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeer tls({.version = version});
    TcpPeer tcp = rig.connect();
    send_slowly(rig, tcp, tls.take_out());
    EXPECT_EQ(ask(rig, tls, tcp, "who\n"), tcp.address().to_string() + " secure\n");
  }
}

TEST_F(StreamOnePortTest, ItIsTheFirstByteBehindAProxyHeader) {
  for (const auto encode : {encode_proxy_header_v1, encode_proxy_header_v2}) {
    StreamRig rig(proxied());
    ByteBuffer header;
    encode(*Endpoint::parse("192.0.2.1:4000"), *Endpoint::parse("198.51.100.1:80"), header);
    const std::string head(header.text());
    TcpPeer plain = rig.connect();
    EXPECT_EQ(rig.ask(plain, head + "who\n", 1), "192.0.2.1:4000 plain\n");
    TcpPeer slow = rig.connect();
    send_slowly(rig, slow, head + "who\n");
    EXPECT_EQ(slow.received(), "192.0.2.1:4000 plain\n");

    TlsPeer tls;
    TcpPeer at_once = rig.connect();
    at_once.send(head + tls.take_out());
    EXPECT_EQ(ask(rig, tls, at_once, "who\n"), "192.0.2.1:4000 secure\n");
    tls.begin();
    TcpPeer in_pieces = rig.connect();
    send_slowly(rig, in_pieces, head + tls.take_out());
    EXPECT_EQ(ask(rig, tls, in_pieces, "who\n"), "192.0.2.1:4000 secure\n");
  }
}

TEST_F(StreamOnePortTest, WhoSaysNothingIsClosedAndCostsNoBuffer) {
  constexpr int kPeers = 40;  // Fit into what the first of them makes the server allocate.
  constexpr std::size_t kBudgetEntryBytes = 64;  // Of the one address from which they come.
  for (const bool is_proxied : {false, true}) {
    StreamRig rig(is_proxied ? proxied() : options());
    std::vector<TcpPeer> peers;
    peers.reserve(kPeers);
    std::size_t heap_bytes_before = 0;
    for (const bool is_second_time : {false, true}) {
      heap_bytes_before = test::live_heap_bytes();
      for (int i = 0; i < kPeers; ++i) {
        peers.push_back(rig.connect_and_serve());
        if (is_proxied) peers.back().send(kHeader);
        rig.serve_arrived(peers.back());
      }
      EXPECT_EQ(rig.counters().open, static_cast<std::uint64_t>(kPeers));
      if (is_second_time) {
        EXPECT_LE(test::live_heap_bytes(), heap_bytes_before + kBudgetEntryBytes);
      }
      rig.pass(StreamRig::kHandshake);
      EXPECT_FALSE(peers.back().has_seen_end());
      rig.pass(1);
      EXPECT_TRUE(peers.back().has_seen_end());
      EXPECT_EQ(rig.counters().open, 0u);
      peers.clear();
    }
    EXPECT_EQ(rig.timeouts(Wait::handshake), 2u * kPeers);
    EXPECT_EQ(rig.budget.size(), 0u);
    EXPECT_THAT(rig.handler.events, IsEmpty());
  }
}

TEST_F(StreamOnePortTest, FromTheFirstByteOnItIsTheMessageThatIsWaitedFor) {
  StreamRig rig(options());
  TcpPeer peer = rig.connect_and_serve();
  rig.pass(StreamRig::kHandshake);
  peer.send("e");
  rig.serve_arrived(peer);
  rig.pass(StreamRig::kMessage);
  EXPECT_FALSE(peer.has_seen_end());
  rig.pass(1);
  EXPECT_EQ(peer.received(), "timeout\n");
  EXPECT_EQ(rig.timeouts(Wait::message), 1u);
}

// The time for the first byte is part of the time for the handshake.
TEST_F(StreamOnePortTest, AFirstByteOfTlsBuysNoTime) {
  StreamRig rig(options());
  TcpPeer peer = rig.connect_and_serve();
  rig.pass(StreamRig::kHandshake);
  peer.send("\x16");
  rig.serve_arrived(peer);
  EXPECT_EQ(rig.counters().open, 1u);
  rig.pass(1);
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(rig.timeouts(Wait::handshake), 1u);
}

TEST_F(StreamOnePortTest, WhatOnlyBeginsAsTlsFails) {
  StreamRig rig(options());
  for (const std::string& bytes :
       {std::string("\x16 nonsense, and some more of it"), std::string(100, '\x16'),
        std::string("\x16\x03\x01\xff\xff\x01"),
        std::string("\x16\x03\x01\x00\x04\x01\xff\xff\xff", 9)}) {
    const std::uint64_t before = rig.counters().failed_handshakes;
    TcpPeer peer = rig.connect();
    peer.send(bytes);
    EXPECT_TRUE(rig.serve_until([&] { return rig.counters().failed_handshakes > before; }));
    EXPECT_TRUE(peer.has_seen_end());
  }
  EXPECT_EQ(rig.counters().open, 0u);
  EXPECT_THAT(rig.handler.events, IsEmpty());
}

TEST_F(StreamOnePortTest, EveryOtherByteIsPlainText) {
  StreamRig rig(options());
  for (int first = 0; first < 256; ++first) {
    if (first == 0x16 || first == '\n') continue;
    TcpPeer peer = rig.connect();
    EXPECT_EQ(rig.ask(peer, std::string(1, static_cast<char>(first)) + '\n', 1), "what\n") << first;
  }
  EXPECT_EQ(rig.counters().failed_handshakes, 0u);
}

TEST_F(StreamOnePortTest, APeerMayGoBeforeHisFirstByte) {
  StreamRig rig(options());
  TcpPeer closing = rig.connect_and_serve();
  TcpPeer ending = rig.connect_and_serve();
  TcpPeer resetting = rig.connect_and_serve();
  closing.close();
  ending.end_output();
  resetting.reset();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 0; }));
  EXPECT_EQ(rig.counters().resets, 1u);
  EXPECT_EQ(rig.counters().failed_handshakes, 0u);
  EXPECT_EQ(rig.budget.size(), 0u);
}

TEST_F(StreamOnePortTest, OneTooManyIsToldSoWhereItIsKnownToBePlainText) {
  StreamRig::Options options = this->options();
  options.max_connections = 1;
  StreamRig rig(options);
  TcpPeer first = rig.connect_and_serve();
  TcpPeer plain = rig.connect();
  plain.send("echo hello?\n");
  TcpPeer tcp = rig.connect();
  TlsPeer tls;
  tcp.send(tls.take_out());
  TcpPeer silent = rig.connect();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().refused == 3; }));
  EXPECT_EQ(plain.received(), "refused\n");
  EXPECT_EQ(tcp.received(), "");
  EXPECT_EQ(silent.received(), "");
  for (TcpPeer* peer : {&plain, &tcp, &silent}) EXPECT_TRUE(peer->has_seen_end());
  EXPECT_EQ(rig.counters().open, 1u);
  EXPECT_EQ(rig.ask(first, "echo hello\n", 1), "hello\n");
}

TEST_F(StreamOnePortTest, SoIsOneTooManyBehindAProxy) {
  StreamRig::Options options = proxied();
  options.max_per_ip = 1;
  StreamRig rig(options);
  TcpPeer first = rig.connect();
  EXPECT_EQ(rig.ask(first, std::string(kHeader) + "echo hello\n", 1), "hello\n");
  TcpPeer plain = rig.connect();
  plain.send(std::string(kHeader) + "echo hello?\n");
  TcpPeer tcp = rig.connect();
  TlsPeer tls;
  tcp.send(kHeader + tls.take_out());
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().refused == 2; }));
  EXPECT_EQ(plain.received(), "refused\n");
  EXPECT_EQ(tcp.received(), "");
  EXPECT_TRUE(tcp.has_seen_end());
}

// All at the same time, each byte of theirs in a round of its own.
TEST_F(StreamOnePortTest, ManyOfEachGetWhatIsTheirs) {
  constexpr std::size_t kOfEach = 25;
  StreamRig rig(options());
  std::vector<TcpPeer> plain, secure, silent, garbled;
  std::vector<std::unique_ptr<TlsPeer>> tls;
  for (std::size_t i = 0; i < kOfEach; ++i) {
    for (auto* peers : {&plain, &secure, &silent, &garbled}) peers->push_back(rig.connect());
    tls.push_back(std::make_unique<TlsPeer>());
  }
  for (std::size_t i = 0; i < kOfEach; ++i) garbled[i].send("\x16garbage");
  for (const char byte : std::string("who")) {
    for (std::size_t i = 0; i < kOfEach; ++i) {
      plain[i].send({&byte, 1});
      tls[i]->exchange_with(secure[i]);
    }
    rig.serve_arrived(plain.back());
  }
  for (std::size_t i = 0; i < kOfEach; ++i) {
    EXPECT_EQ(ask(rig, *tls[i], secure[i], "who\n"), secure[i].address().to_string() + " secure\n");
    EXPECT_EQ(rig.ask(plain[i], "\n", 1), plain[i].address().to_string() + " plain\n");
  }
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().failed_handshakes == kOfEach; }));
  EXPECT_EQ(rig.counters().handshakes, kOfEach);
  EXPECT_EQ(rig.counters().open, 3 * kOfEach);
  rig.pass(StreamRig::kHandshake + 1);
  EXPECT_EQ(rig.timeouts(Wait::handshake), kOfEach);
  EXPECT_EQ(rig.counters().open, 2 * kOfEach);
}

}  // namespace
}  // namespace aquatic::net
