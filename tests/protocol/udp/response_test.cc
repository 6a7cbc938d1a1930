// SPDX-License-Identifier: Apache-2.0
#include "protocol/udp/response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tests/support/hex.h"

namespace aquatic::udp {
namespace {

using test::hex;
using testing::ElementsAreArray;
using Datagram = std::vector<std::byte>;

constexpr std::array kFamilies = {Family::ipv4, Family::ipv6};

// Written out from BEP 15, so that encoder and decoder cannot share a mistake.
const Datagram kConnect = hex("00000000 89abcdef 0102030405060708");
const Datagram kPeersV4 = hex("c0000207 1ae1  7f000001 0001");
const Datagram kAnnounceV4 =
    hex("00000001 89abcdef 00000384 00000002 00000001  c0000207 1ae1  7f000001 0001");
const Datagram kPeersV6 = hex("20010db8000000000000000000000007 1ae1");
const Datagram kAnnounceV6 =
    hex("00000001 89abcdef 00000384 00000002 00000001  20010db8000000000000000000000007 1ae1");
const Datagram kScrape =
    hex("00000002 89abcdef  00000001 00000003 00000002  00000000 00000000 00000000");
const Datagram kError = hex("00000003 89abcdef 50 6f 72 74");

template <class Message>
Datagram encoded(const Message& message, std::size_t room) {
  Datagram out(room);
  out.resize(encode(message, out));
  return out;
}

// Decodes a copy of exactly the right size, so that AddressSanitizer sees a step too far.
Expected<Response, ResponseError> decode_prefix(const Datagram& datagram, std::size_t bytes,
                                                Family family, Datagram& copy) {
  copy.assign(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(bytes));
  copy.shrink_to_fit();
  return decode_response(copy, family);
}

void expect_error(const Datagram& datagram, Family family, ResponseError error) {
  const auto response = decode_response(datagram, family);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error(), error);
}

rc::Gen<std::byte> any_byte() {
  return rc::gen::cast<std::byte>(rc::gen::arbitrary<std::uint8_t>());
}

rc::Gen<Datagram> any_bytes(std::size_t count) {
  return rc::gen::container<Datagram>(count, any_byte());
}

TEST(ConnectResponse, ReadsAndWritesTheReferenceBytes) {
  const ConnectResponse response{.transaction_id = 0x89abcdef, .connection_id = 0x0102030405060708};
  EXPECT_THAT(encoded(response, kConnectResponseBytes), ElementsAreArray(kConnect));
  for (const Family family : kFamilies) {
    EXPECT_EQ(std::get<ConnectResponse>(*decode_response(kConnect, family)), response);
  }
}

TEST(ConnectResponse, SurplusIsIgnored) {
  Datagram datagram = kConnect;
  datagram.resize(datagram.size() + 3);
  EXPECT_TRUE(decode_response(datagram, Family::ipv4));
}

void expect_reference_announce(const Datagram& datagram, Family family, const Datagram& peers) {
  const auto decoded = decode_response(datagram, family);
  ASSERT_TRUE(decoded);
  const auto& response = std::get<AnnounceResponse>(*decoded);
  EXPECT_EQ(response.transaction_id, 0x89abcdefu);
  EXPECT_EQ(response.interval_s, 900u);
  EXPECT_EQ(response.leechers, 2u);
  EXPECT_EQ(response.seeders, 1u);
  EXPECT_THAT(response.peers, ElementsAreArray(peers));
  EXPECT_THAT(encoded(response, datagram.size()), ElementsAreArray(datagram));
}

TEST(AnnounceResponse, ReadsAndWritesTheReferenceBytes) {
  expect_reference_announce(kAnnounceV4, Family::ipv4, kPeersV4);
  expect_reference_announce(kAnnounceV6, Family::ipv6, kPeersV6);
}

TEST(AnnounceResponse, FamilyDecidesHowLongAPeerIs) {
  static_assert(peer_bytes(Family::ipv4) == 6 && peer_bytes(Family::ipv6) == 18);
  expect_error(kAnnounceV4, Family::ipv6, ResponseError::ragged_entries);
  // Three v4 peers are as long as one v6 peer: nothing but the socket tells them apart.
  EXPECT_TRUE(decode_response(kAnnounceV6, Family::ipv4));
}

TEST(AnnounceResponse, MayBeFilledInPlace) {
  Datagram out(kAnnounceV4.size());
  std::ranges::copy(kPeersV4, out.begin() + kAnnounceResponseHeaderBytes);
  const AnnounceResponse response{.transaction_id = 0x89abcdef,
                                  .interval_s = 900,
                                  .leechers = 2,
                                  .seeders = 1,
                                  .peers = Bytes(out).subspan(kAnnounceResponseHeaderBytes)};
  EXPECT_EQ(encode(response, out), kAnnounceV4.size());
  EXPECT_EQ(out, kAnnounceV4);
}

// U41: clients read the counts as signed.
TEST(AnnounceResponse, ClampsCounts) {
  const AnnounceResponse response{.leechers = 0x80000000, .seeders = 0xffffffff, .peers = {}};
  EXPECT_THAT(encoded(response, kAnnounceResponseHeaderBytes),
              ElementsAreArray(hex("00000001 00000000 00000000 7fffffff 7fffffff")));
}

TEST(ScrapeResponse, ReadsAndWritesTheReferenceBytes) {
  const auto decoded = decode_response(kScrape, Family::ipv6);
  ASSERT_TRUE(decoded);
  const auto& response = std::get<ScrapeResponse>(*decoded);
  EXPECT_EQ(response.transaction_id, 0x89abcdefu);
  ASSERT_EQ(response.size(), 2u);
  EXPECT_EQ(response[0], (TorrentScrape{.seeders = 1, .completed = 3, .leechers = 2}));
  EXPECT_EQ(response[1], TorrentScrape{});
  EXPECT_THAT(encoded(response, kScrape.size()), ElementsAreArray(kScrape));
}

TEST(ScrapeResponse, EntriesAreEncodedInPlace) {
  Datagram out(kScrapeResponseHeaderBytes + kTorrentScrapeBytes);
  const auto entry = std::span(out).last<kTorrentScrapeBytes>();
  encode(TorrentScrape{.seeders = 1, .completed = 0xffffffff, .leechers = 0x80000000}, entry);
  EXPECT_EQ(encode(ScrapeResponse{.transaction_id = 5, .torrents = entry}, out), out.size());
  EXPECT_EQ(out, hex("00000002 00000005 00000001 7fffffff 7fffffff"));
}

TEST(ErrorResponse, ReadsAndWritesTheReferenceBytes) {
  const auto decoded = decode_response(kError, Family::ipv4);
  ASSERT_TRUE(decoded);
  const auto& response = std::get<ErrorResponse>(*decoded);
  EXPECT_EQ(response.transaction_id, 0x89abcdefu);
  EXPECT_EQ(response.message, "Port");
  EXPECT_THAT(encoded(response, kError.size()), ElementsAreArray(kError));
}

TEST(ResponseRules, UnknownAction) {
  for (const std::uint32_t action : {4u, 0x01000000u, 0xffffffffu}) {
    Datagram datagram = kAnnounceV4;
    store_big_endian(datagram.data(), action);
    expect_error(datagram, Family::ipv4, ResponseError::unknown_action);
  }
}

// Where cutting ends in something valid, it is a whole number of entries or a shorter text.
TEST(ResponseRules, EveryTruncationIsRefusedOrWhole) {
  Datagram copy;
  const auto is_decoded = [&copy](const Datagram& datagram, std::size_t bytes, Family family) {
    return decode_prefix(datagram, bytes, family, copy).has_value();
  };
  for (std::size_t bytes = 0; bytes < kConnect.size(); ++bytes) {
    EXPECT_FALSE(is_decoded(kConnect, bytes, Family::ipv4)) << bytes;
  }
  for (std::size_t bytes = 0; bytes < kAnnounceV4.size(); ++bytes) {
    const bool is_whole = bytes >= 20 && (bytes - 20) % 6 == 0;
    EXPECT_EQ(is_decoded(kAnnounceV4, bytes, Family::ipv4), is_whole) << bytes;
  }
  for (std::size_t bytes = 0; bytes < kAnnounceV6.size(); ++bytes) {
    EXPECT_EQ(is_decoded(kAnnounceV6, bytes, Family::ipv6), bytes == 20) << bytes;
  }
  for (std::size_t bytes = 0; bytes < kScrape.size(); ++bytes) {
    const bool is_whole = bytes >= 8 && (bytes - 8) % 12 == 0;
    EXPECT_EQ(is_decoded(kScrape, bytes, Family::ipv4), is_whole) << bytes;
  }
  for (std::size_t bytes = 0; bytes < kError.size(); ++bytes) {
    EXPECT_EQ(is_decoded(kError, bytes, Family::ipv4), bytes >= 8) << bytes;
  }
}

TEST(ResponseEncodingDeathTest, RefusesARoomThatIsTooSmall) {
  std::array<std::byte, 7> room;
  EXPECT_DEATH(encode(ConnectResponse{}, room), "CHECK failed");
  EXPECT_DEATH(encode(AnnounceResponse{}, room), "CHECK failed");
  EXPECT_DEATH(encode(ScrapeResponse{}, room), "CHECK failed");
  EXPECT_DEATH(encode(ErrorResponse{}, room), "CHECK failed");
}

RC_GTEST_PROP(Response, ConnectDecodesToWhatWasEncoded,
              (TransactionId transaction, ConnectionId id)) {
  const ConnectResponse response{.transaction_id = transaction, .connection_id = id};
  const Datagram datagram = encoded(response, kConnectResponseBytes);
  RC_ASSERT(std::get<ConnectResponse>(*decode_response(datagram, Family::ipv4)) == response);
}

RC_GTEST_PROP(Response, AnnounceDecodesToWhatWasEncoded, ()) {
  const Family family = *rc::gen::elementOf(kFamilies);
  const auto count = *rc::gen::inRange<std::size_t>(0, 203);  // What 1232 bytes hold of IPv4.
  const Datagram peers = *any_bytes(count * peer_bytes(family));
  const auto any_count = rc::gen::nonNegative<std::int32_t>();
  const AnnounceResponse response{.transaction_id = *rc::gen::arbitrary<TransactionId>(),
                                  .interval_s = *rc::gen::arbitrary<std::uint32_t>(),
                                  .leechers = static_cast<std::uint32_t>(*any_count),
                                  .seeders = static_cast<std::uint32_t>(*any_count),
                                  .peers = peers};
  const Datagram datagram = encoded(response, kAnnounceResponseHeaderBytes + peers.size() + 7);
  const auto decoded = std::get<AnnounceResponse>(*decode_response(datagram, family));
  RC_ASSERT(decoded.transaction_id == response.transaction_id);
  RC_ASSERT(decoded.interval_s == response.interval_s);
  RC_ASSERT(decoded.leechers == response.leechers);
  RC_ASSERT(decoded.seeders == response.seeders);
  RC_ASSERT(std::ranges::equal(decoded.peers, peers));
}

RC_GTEST_PROP(Response, ScrapeDecodesToWhatWasEncoded, (TransactionId transaction)) {
  const auto any_count = rc::gen::cast<std::uint32_t>(rc::gen::nonNegative<std::int32_t>());
  const auto any_torrent = rc::gen::construct<TorrentScrape>(any_count, any_count, any_count);
  const auto torrents = *rc::gen::container<std::vector<TorrentScrape>>(any_torrent);
  Datagram entries(torrents.size() * kTorrentScrapeBytes);
  for (std::size_t i = 0; i < torrents.size(); ++i) {
    encode(torrents[i],
           std::span(entries).subspan(i * kTorrentScrapeBytes).first<kTorrentScrapeBytes>());
  }
  const ScrapeResponse response{.transaction_id = transaction, .torrents = entries};
  const Datagram datagram = encoded(response, kScrapeResponseHeaderBytes + entries.size());
  const auto decoded = std::get<ScrapeResponse>(*decode_response(datagram, Family::ipv4));
  RC_ASSERT(decoded.transaction_id == transaction);
  RC_ASSERT(decoded.size() == torrents.size());
  for (std::size_t i = 0; i < torrents.size(); ++i) RC_ASSERT(decoded[i] == torrents[i]);
}

RC_GTEST_PROP(Response, ErrorDecodesToWhatWasEncoded,
              (TransactionId transaction, const std::string& message)) {
  const ErrorResponse response{.transaction_id = transaction, .message = message};
  const Datagram datagram = encoded(response, kErrorResponseHeaderBytes + message.size());
  const auto decoded = std::get<ErrorResponse>(*decode_response(datagram, Family::ipv6));
  RC_ASSERT(decoded.transaction_id == transaction);
  RC_ASSERT(decoded.message == message);
}

RC_GTEST_PROP(Response, AnyBytesAreDecodedOrRefused, ()) {
  Datagram datagram = *rc::gen::resize(300, rc::gen::container<Datagram>(any_byte()));
  const auto action = *rc::gen::inRange<std::uint32_t>(0, 5);
  if (datagram.size() >= 4) store_big_endian(datagram.data(), action);
  for (const Family family : kFamilies) {
    const auto response = decode_response(datagram, family);
    if (response) RC_ASSERT(response->index() == action);
  }
}

}  // namespace
}  // namespace aquatic::udp
