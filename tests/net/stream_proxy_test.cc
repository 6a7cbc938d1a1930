// SPDX-License-Identifier: Apache-2.0
// Streams of stream_server.h that come through a trusted proxy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/proxy_header.h"
#include "net/stream_server.h"
#include "tests/net/stream_rig.h"

namespace aquatic::net {
namespace {

using test::TcpPeer;
using testing::IsEmpty;

const Endpoint kSource = *Endpoint::parse("192.0.2.1:4000");
const Endpoint kDestination = *Endpoint::parse("198.51.100.1:80");
constexpr const char* kHeader = "PROXY TCP4 192.0.2.1 198.51.100.1 4000 80\r\n";

// Trusts 127.0.0.1.
StreamRig::Options proxied() {
  StreamRig::Options options;
  options.stream.proxies.networks = {{*IpAddress::parse("127.0.0.1"), 32}};
  return options;
}

TEST(StreamProxyTest, AStreamIsWhoseTheHeaderSays) {
  StreamRig rig(proxied());
  for (const auto encode : {encode_proxy_header_v1, encode_proxy_header_v2}) {
    ByteBuffer header;
    encode(kSource, kDestination, header);
    TcpPeer peer = rig.connect();
    EXPECT_EQ(rig.ask(peer, std::string(header.text()) + "who\n", 1), "192.0.2.1:4000 plain\n");
    EXPECT_EQ(rig.ask(peer, "who\n", 1), "192.0.2.1:4000 plain\n");
  }
  EXPECT_EQ(rig.counters().received_bytes, 4 * 4u) << "headers are not for the handler";
}

TEST(StreamProxyTest, AHeaderMayArriveInPieces) {
  StreamRig rig(proxied());
  for (const auto encode : {encode_proxy_header_v1, encode_proxy_header_v2}) {
    ByteBuffer header;
    encode(kSource, kDestination, header);
    TcpPeer peer = rig.connect();
    for (const char c : header.text()) {
      peer.send({&c, 1});
      rig.serve_arrived(peer);
    }
    EXPECT_EQ(rig.ask(peer, "who\n", 1), "192.0.2.1:4000 plain\n");
  }
}

TEST(StreamProxyTest, TheProxysOwnConnectionIsItsOwn) {
  StreamRig rig(proxied());
  TcpPeer peer = rig.connect();
  EXPECT_EQ(rig.ask(peer, "PROXY UNKNOWN\r\nwho\n", 1), peer.address().to_string() + " plain\n");
  EXPECT_EQ(rig.budget.size(), 0u);
}

TEST(StreamProxyTest, WithoutAHeaderNothingIsHeard) {
  StreamRig rig(proxied());
  TcpPeer peer = rig.connect();
  peer.send("who\n");
  EXPECT_TRUE(rig.serve_until([&] { return peer.has_seen_end(); }));
  EXPECT_EQ(peer.received(), "");
  EXPECT_EQ(rig.counters().bad_proxy_headers, 1u);
  EXPECT_THAT(rig.handler.events, IsEmpty());
}

TEST(StreamProxyTest, AHeaderIsForProxies) {
  StreamRig rig(proxied());
  TcpPeer peer(rig.address, *IpAddress::parse("127.0.0.2"));
  EXPECT_EQ(rig.ask(peer, "who\n", 1), peer.address().to_string() + " plain\n");
  EXPECT_EQ(rig.ask(peer, kHeader, 1), "what\n") << "taken for a message, as it should be";
  EXPECT_EQ(rig.counters().bad_proxy_headers, 0u);
}

TEST(StreamProxyTest, TheBudgetIsThatOfTheAddressInTheHeader) {
  StreamRig::Options options = proxied();
  options.max_per_ip = 1;
  StreamRig rig(options);
  TcpPeer first = rig.connect();
  EXPECT_EQ(rig.ask(first, std::string(kHeader) + "echo a\n", 1), "a\n");
  TcpPeer same = rig.connect();
  EXPECT_EQ(rig.ask(same, std::string(kHeader) + "echo b\n", 1), "refused\n");
  EXPECT_TRUE(same.has_seen_end());
  TcpPeer other = rig.connect();
  EXPECT_EQ(rig.ask(other, "PROXY TCP4 192.0.2.2 198.51.100.1 1 80\r\necho c\n", 1), "c\n");
  EXPECT_EQ(rig.budget.size(), 2u);
  EXPECT_EQ(rig.counters().refused, 1u);
  first.close();
  other.close();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 0; }));
  EXPECT_EQ(rig.budget.size(), 0u);
}

TEST(StreamProxyTest, AHeaderHasToComeInTime) {
  StreamRig rig(proxied());
  TcpPeer peer = rig.connect_and_serve();
  peer.send("PROXY TCP4");
  rig.serve_arrived(peer);
  rig.pass(StreamRig::kHandshake);
  EXPECT_EQ(rig.counters().open, 1u);
  rig.pass(1);
  EXPECT_EQ(rig.counters().open, 0u);
  EXPECT_EQ(rig.timeouts(Wait::handshake), 1u);
  EXPECT_THAT(rig.handler.events, IsEmpty());
}

TEST(StreamProxyTest, FromTheHeaderOnItIsTheMessageThatIsWaitedFor) {
  StreamRig rig(proxied());
  TcpPeer peer = rig.connect_and_serve();
  rig.pass(StreamRig::kHandshake);
  peer.send(kHeader);
  rig.serve_arrived(peer);
  rig.pass(StreamRig::kMessage);
  EXPECT_EQ(rig.counters().open, 1u);
  rig.pass(1);
  EXPECT_EQ(rig.timeouts(Wait::message), 1u);
}

TEST(StreamProxyTest, AProxyMayCloseOrResetBeforeTheHeader) {
  StreamRig rig(proxied());
  TcpPeer closing = rig.connect_and_serve();
  TcpPeer resetting = rig.connect_and_serve();
  closing.close();
  resetting.reset();
  EXPECT_TRUE(rig.serve_until([&] { return rig.counters().open == 0; }));
  EXPECT_EQ(rig.counters().resets, 1u);
  EXPECT_EQ(rig.counters().bad_proxy_headers, 0u);
}

}  // namespace
}  // namespace aquatic::net
