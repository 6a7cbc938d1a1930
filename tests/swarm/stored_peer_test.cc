// SPDX-License-Identifier: Apache-2.0
#include "swarm/stored_peer.h"

#include <gtest/gtest.h>

#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

TEST(StoredPeer, KeepsTheBytesOfTheWire) {
  const auto v4 = PeerV4::from(*Endpoint::parse("1.2.3.4:258"), 9);
  EXPECT_EQ(v4.wire, (std::array{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                                 std::byte{1}, std::byte{2}}));
  EXPECT_EQ(v4.last_seen, 9);
  const auto v6 = PeerV6::from(*Endpoint::parse("[2001::ff]:258"), 9);
  EXPECT_EQ(v6.wire[0], std::byte{0x20});
  EXPECT_EQ(v6.wire[15], std::byte{0xff});
  EXPECT_EQ(v6.wire[16], std::byte{1});
  EXPECT_EQ(v6.wire[17], std::byte{2});
}

template <class Peer>
void expect_identity_is_every_wire_byte_and_nothing_else() {
  const auto peer = sample_peer<Peer>(1, 10);
  EXPECT_TRUE(is_same_peer(peer, sample_peer<Peer>(1, 11)));
  for (std::size_t i = 0; i < Peer::kWireBytes; ++i) {
    auto other = peer;
    other.wire[i] ^= std::byte{1};
    EXPECT_FALSE(is_same_peer(peer, other)) << i;
  }
}

TEST(StoredPeer, IdentityIsEveryWireByteAndNothingElse) {
  expect_identity_is_every_wire_byte_and_nothing_else<PeerV4>();
  expect_identity_is_every_wire_byte_and_nothing_else<PeerV6>();
  expect_identity_is_every_wire_byte_and_nothing_else<PeerV4WithId>();
  expect_identity_is_every_wire_byte_and_nothing_else<PeerV6WithId>();
}

TEST(StoredPeer, IdIsKeptButIsNoPartOfTheIdentity) {
  auto peer = sample_peer<PeerV6WithId>(1);
  EXPECT_EQ(peer.id, sample_peer_id(1));
  peer.id = sample_peer_id(2);
  EXPECT_TRUE(is_same_peer(peer, sample_peer<PeerV6WithId>(1)));
}

}  // namespace
}  // namespace aquatic::swarm
