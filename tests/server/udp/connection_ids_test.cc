// SPDX-License-Identifier: Apache-2.0
#include "server/udp/connection_ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace aquatic::server {
namespace {

constexpr Seconds kMaxAge = 120;
constexpr std::uint64_t kUnixStart = 1'700'000'000;

ConnectionIds::Secret secret(unsigned char fill) {
  ConnectionIds::Secret bytes;
  bytes.fill(std::byte{fill});
  return bytes;
}

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

TEST(ConnectionIds, AreAcceptedFromTheAddressTheyWereIssuedToOnly) {
  const ConnectionIds ids(secret(1), kMaxAge, kUnixStart);
  for (const auto* text : {"192.0.2.1", "2001:db8::1"}) {
    const auto id = ids.issue(ip(text));
    EXPECT_TRUE(ids.accepts(id, ip(text)));
    EXPECT_FALSE(ids.accepts(id, ip("192.0.2.2")));
    EXPECT_FALSE(ids.accepts(id, ip("2001:db8::2")));
  }
}

TEST(ConnectionIds, TreatAMappedAddressAsIpv4) {
  const ConnectionIds ids(secret(1), kMaxAge, kUnixStart);
  EXPECT_TRUE(ids.accepts(ids.issue(ip("::ffff:192.0.2.1")), ip("192.0.2.1")));
}

TEST(ConnectionIds, RefuseEveryOtherBitPattern) {
  const ConnectionIds ids(secret(1), kMaxAge, kUnixStart);
  const auto peer = ip("192.0.2.1");
  const auto id = ids.issue(peer);
  for (unsigned bit = 0; bit < 64; ++bit) {
    EXPECT_FALSE(ids.accepts(id ^ (std::uint64_t{1} << bit), peer)) << "bit " << bit;
  }
  EXPECT_FALSE(ids.accepts(~id, peer));
  EXPECT_FALSE(ids.accepts(udp::kProtocolMagic, peer));
}

// X5, X6: lifetime at every age, extreme ones included, whatever the phase of the epoch.
RC_GTEST_PROP(ConnectionIds, LiveForMaxAgeAndLessThanTwice, (std::uint8_t fill)) {
  const Seconds max_age =
      *rc::gen::element<Seconds>(1, 2, 119, 120, 86'400, std::numeric_limits<Seconds>::max() / 4);
  const auto unix_start = *rc::gen::inRange<std::uint64_t>(0, 1ull << 40);
  const auto issued_at = *rc::gen::inRange<Seconds>(0, 1u << 30);
  const auto peer = ip("192.0.2.1");
  ConnectionIds ids(secret(fill), max_age, unix_start);
  ids.advance(issued_at);
  const auto id = ids.issue(peer);

  const Seconds young = *rc::gen::inRange<Seconds>(0, max_age) + 1;
  ids.advance(issued_at + young);
  RC_ASSERT(ids.accepts(id, peer));
  ids.advance(issued_at + 2 * max_age);
  RC_ASSERT(!ids.accepts(id, peer));
}

TEST(ConnectionIds, AreHonouredBetweenNodesThatShareTheSecretInSpiteOfClockSkew) {
  ConnectionIds ours(secret(1), kMaxAge, kUnixStart);
  ConnectionIds ahead(secret(1), kMaxAge, kUnixStart + kMaxAge);
  const auto peer = ip("192.0.2.1");
  EXPECT_TRUE(ours.accepts(ahead.issue(peer), peer));
  EXPECT_TRUE(ahead.accepts(ours.issue(peer), peer));
}

TEST(ConnectionIds, SurviveARestartWithTheSameSecretOnly) {
  const ConnectionIds before(secret(1), kMaxAge, kUnixStart);
  const ConnectionIds after(secret(1), kMaxAge, kUnixStart + 5);
  const ConnectionIds stranger(secret(2), kMaxAge, kUnixStart + 5);
  const auto peer = ip("192.0.2.1");
  EXPECT_TRUE(after.accepts(before.issue(peer), peer));
  EXPECT_FALSE(stranger.accepts(before.issue(peer), peer));
}

TEST(ConnectionIds, OutliveAClockThatStepsBack) {
  ConnectionIds ids(secret(1), kMaxAge, kUnixStart);
  const auto peer = ip("192.0.2.1");
  ids.advance(1000);
  const auto id = ids.issue(peer);
  ids.advance(999);
  EXPECT_TRUE(ids.accepts(id, peer));
  EXPECT_TRUE(ids.accepts(ids.issue(peer), peer));
}

}  // namespace
}  // namespace aquatic::server
