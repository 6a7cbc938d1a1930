// SPDX-License-Identifier: Apache-2.0
#include "protocol/udp/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "tests/support/hex.h"

namespace aquatic::udp {
namespace {

using test::hex;
using testing::ElementsAreArray;
using Reason = RequestError::Reason;
using Datagram = std::vector<std::byte>;

constexpr std::size_t kActionOffset = 8;
constexpr std::size_t kEventOffset = 80;
constexpr std::size_t kPortOffset = 96;

// Written out from BEP 15, so that encoder and decoder cannot share a mistake.
const Datagram kConnect = hex("00000417 27101980  00000000  89abcdef");
const Datagram kAnnounce =
    hex("0102030405060708 00000001 89abcdef"
        "101112131415161718191a1b1c1d1e1f20212223"  // Info hash.
        "2d41513030303130303030303030303030303030"  // Peer id.
        "0000000000000011 fffffffffffffff6 0000000000000033"
        "00000002 c0000207 deadbeef ffffffff 1ae1");
const Datagram kScrape =
    hex("0102030405060708 00000002 89abcdef"
        "101112131415161718191a1b1c1d1e1f20212223"
        "303132333435363738393a3b3c3d3e3f40414243");

template <class Message>
Datagram encoded(const Message& message, std::size_t room) {
  Datagram out(room);
  out.resize(encode(message, out));
  return out;
}

bool same(const AnnounceRequest& a, const AnnounceRequest& b) {
  return a.connection_id == b.connection_id && a.transaction_id == b.transaction_id &&
         a.info_hash == b.info_hash && a.peer_id == b.peer_id && a.downloaded == b.downloaded &&
         a.left == b.left && a.uploaded == b.uploaded && a.event == b.event && a.ip == b.ip &&
         a.key == b.key && a.num_want == b.num_want && a.port == b.port &&
         std::ranges::equal(a.options, b.options);
}

void set_event(Datagram& announce, std::uint32_t event) {
  store_big_endian(announce.data() + kEventOffset, event);
}

void append(Datagram& datagram, std::size_t count) {
  datagram.insert(datagram.end(), count, std::byte{0xaa});
}

Datagram scrape_of(std::size_t info_hash_bytes) {
  Datagram scrape(kScrape.begin(), kScrape.begin() + kScrapeRequestHeaderBytes);
  append(scrape, info_hash_bytes);
  return scrape;
}

std::optional<Reason> reason_of(const Datagram& datagram) {
  const auto request = decode_request(datagram);
  return request ? std::nullopt : std::optional(request.error().reason);
}

// The decoder may not look behind the datagram: a copy of exactly its size lets AddressSanitizer
// watch that.
std::optional<Reason> reason_of_prefix(const Datagram& datagram, std::size_t bytes) {
  return reason_of(
      Datagram(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(bytes)));
}

rc::Gen<std::byte> any_byte() {
  return rc::gen::cast<std::byte>(rc::gen::arbitrary<std::uint8_t>());
}

rc::Gen<Datagram> any_bytes(std::size_t count) {
  return rc::gen::container<Datagram>(count, any_byte());
}

template <class Id>
Id any_id() {
  Id id;
  std::ranges::copy(*any_bytes(Id::kBytes), id.bytes.begin());
  return id;
}

TEST(ConnectRequest, ReadsTheReferenceBytes) {
  const auto request = decode_request(kConnect);
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<ConnectRequest>(*request), ConnectRequest{.transaction_id = 0x89abcdef});
}

TEST(ConnectRequest, WritesTheReferenceBytes) {
  const ConnectRequest request{.transaction_id = 0x89abcdef};
  EXPECT_THAT(encoded(request, kConnectRequestBytes), ElementsAreArray(kConnect));
}

TEST(AnnounceRequest, ReadsTheReferenceBytes) {
  const auto decoded = decode_request(kAnnounce);
  ASSERT_TRUE(decoded);
  const auto& request = std::get<AnnounceRequest>(*decoded);
  EXPECT_EQ(request.connection_id, 0x0102030405060708u);
  EXPECT_EQ(request.transaction_id, 0x89abcdefu);
  EXPECT_EQ(request.info_hash.to_hex(), "101112131415161718191a1b1c1d1e1f20212223");
  EXPECT_EQ(as_text(request.peer_id.bytes), "-AQ00010000000000000");
  EXPECT_EQ(request.downloaded, 0x11);
  EXPECT_EQ(request.left, -10);
  EXPECT_EQ(request.uploaded, 0x33);
  EXPECT_EQ(request.event, Event::started);
  EXPECT_EQ(request.ip, 0xc0000207u);
  EXPECT_EQ(request.key, 0xdeadbeefu);
  EXPECT_EQ(request.num_want, -1);
  EXPECT_EQ(request.port, 6881);
  EXPECT_TRUE(request.options.empty());
}

TEST(AnnounceRequest, WritesTheReferenceBytes) {
  const auto request = decode_request(kAnnounce);
  EXPECT_THAT(encoded(std::get<AnnounceRequest>(*request), kAnnounceRequestBytes),
              ElementsAreArray(kAnnounce));
}

TEST(ScrapeRequest, ReadsTheReferenceBytes) {
  const auto decoded = decode_request(kScrape);
  ASSERT_TRUE(decoded);
  const auto& request = std::get<ScrapeRequest>(*decoded);
  EXPECT_EQ(request.connection_id, 0x0102030405060708u);
  EXPECT_EQ(request.transaction_id, 0x89abcdefu);
  ASSERT_EQ(request.size(), 2u);
  EXPECT_EQ(request[0].to_hex(), "101112131415161718191a1b1c1d1e1f20212223");
  EXPECT_EQ(request[1].to_hex(), "303132333435363738393a3b3c3d3e3f40414243");
}

TEST(ScrapeRequest, WritesTheReferenceBytes) {
  const auto request = decode_request(kScrape);
  EXPECT_THAT(encoded(std::get<ScrapeRequest>(*request), kScrape.size()),
              ElementsAreArray(kScrape));
}

// The rules of what is accepted, ignored or refused. Each carries its number in the inventory of
// the original tracker's behaviour.

TEST(RequestRules, U9TooShortForAnAction) {
  for (std::size_t bytes = 0; bytes < 12; ++bytes) {
    EXPECT_EQ(reason_of_prefix(kConnect, bytes), Reason::malformed) << bytes;
    EXPECT_EQ(reason_of_prefix(kAnnounce, bytes), Reason::malformed) << bytes;
    EXPECT_EQ(reason_of_prefix(kScrape, bytes), Reason::malformed) << bytes;
  }
}

TEST(RequestRules, U9UnknownAction) {
  for (const std::uint32_t action : {3u, 4u, 0x01000000u, 0x80000000u, 0xffffffffu}) {
    for (Datagram datagram : {kConnect, kAnnounce, kScrape}) {
      store_big_endian(datagram.data() + kActionOffset, action);
      EXPECT_EQ(reason_of(datagram), Reason::malformed) << action;
    }
  }
}

TEST(RequestRules, U10ConnectOrScrapeShorterThanItsHeader) {
  for (std::size_t bytes = 12; bytes < 16; ++bytes) {
    EXPECT_EQ(reason_of_prefix(kConnect, bytes), Reason::malformed) << bytes;
    EXPECT_EQ(reason_of_prefix(kScrape, bytes), Reason::malformed) << bytes;
  }
}

TEST(RequestRules, U11ConnectWithWrongMagic) {
  for (std::size_t i = 0; i < 8; ++i) {
    Datagram connect = kConnect;
    connect[i] ^= std::byte{1};
    EXPECT_EQ(reason_of(connect), Reason::malformed) << i;
  }
}

TEST(RequestRules, U12SurplusOfConnectIsIgnored) {
  Datagram connect = kConnect;
  append(connect, 100);
  const auto request = decode_request(connect);
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<ConnectRequest>(*request).transaction_id, 0x89abcdefu);
}

TEST(RequestRules, U13AnnounceTooShort) {
  for (std::size_t bytes = 16; bytes < kAnnounceRequestBytes; ++bytes) {
    EXPECT_EQ(reason_of_prefix(kAnnounce, bytes), Reason::malformed) << bytes;
  }
}

TEST(RequestRules, U14SurplusOfAnnounceIsItsOptions) {
  for (const std::size_t surplus : {1u, 2u, 15u, 400u}) {
    Datagram announce = kAnnounce;
    append(announce, surplus);
    const auto request = decode_request(announce);
    ASSERT_TRUE(request) << surplus;
    EXPECT_THAT(std::get<AnnounceRequest>(*request).options,
                ElementsAreArray(Datagram(surplus, std::byte{0xaa})));
    EXPECT_EQ(std::get<AnnounceRequest>(*request).port, 6881);
  }
}

TEST(RequestRules, U15EventsUpToPausedAreAccepted) {
  for (const Event event :
       {Event::none, Event::completed, Event::started, Event::stopped, Event::paused}) {
    Datagram announce = kAnnounce;
    set_event(announce, static_cast<std::uint32_t>(event));
    const auto request = decode_request(announce);
    ASSERT_TRUE(request);
    EXPECT_EQ(std::get<AnnounceRequest>(*request).event, event);
  }
}

TEST(RequestRules, U15OtherEventsAreIgnored) {
  for (const std::uint32_t event : {5u, 6u, 0x100u, 0x01000000u, 0xffffffffu}) {
    Datagram announce = kAnnounce;
    set_event(announce, event);
    EXPECT_EQ(reason_of(announce), Reason::malformed) << event;
    append(announce, 8);
    EXPECT_EQ(reason_of(announce), Reason::malformed) << event;
  }
}

TEST(RequestRules, U15EventWinsOverPort) {
  Datagram announce = kAnnounce;
  set_event(announce, 5);
  store_big_endian<std::uint16_t>(announce.data() + kPortOffset, 0);
  EXPECT_EQ(reason_of(announce), Reason::malformed);
}

// An error may be sent only to a valid connection id, so it comes with the ids.
void expect_answerable(const Datagram& datagram, Reason reason, std::string_view message) {
  const auto request = decode_request(datagram);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().reason, reason);
  EXPECT_EQ(request.error().connection_id, 0x0102030405060708u);
  EXPECT_EQ(request.error().transaction_id, 0x89abcdefu);
  EXPECT_EQ(message_of(reason), message);
}

TEST(RequestRules, U16AnnounceWithPortZero) {
  Datagram announce = kAnnounce;
  store_big_endian<std::uint16_t>(announce.data() + kPortOffset, 0);
  expect_answerable(announce, Reason::port_zero, "Port can't be 0");
  append(announce, 5);
  expect_answerable(announce, Reason::port_zero, "Port can't be 0");
}

TEST(RequestRules, U17ScrapeOfNothing) {
  expect_answerable(scrape_of(0), Reason::no_info_hashes, "Full scrapes are not allowed");
}

TEST(RequestRules, U18ScrapeWithPartOfAnInfoHash) {
  for (const std::size_t bytes : {1u, 19u, 21u, 39u, 20u * 74 - 1, 20u * 74 + 1}) {
    expect_answerable(scrape_of(bytes), Reason::ragged_info_hashes, "Invalid info hash list");
  }
}

// How many are answered is the handler's decision; the decoder hands over all.
TEST(RequestRules, U19ScrapeOfAnyNumber) {
  for (const std::size_t count : {1u, 2u, 70u, 71u, 74u, 75u, 100u}) {
    const Datagram scrape = scrape_of(count * InfoHash::kBytes);
    const auto request = decode_request(scrape);
    ASSERT_TRUE(request) << count;
    EXPECT_EQ(std::get<ScrapeRequest>(*request).size(), count);
  }
  static_assert(kMaxScrapeTorrents == 74);
}

TEST(RequestRules, U20UntrustedFieldsAreReadAndAcceptAnything) {
  Datagram announce = kAnnounce;
  const auto fill = [&announce](std::size_t from, std::size_t to) {
    std::fill(announce.begin() + static_cast<std::ptrdiff_t>(from),
              announce.begin() + static_cast<std::ptrdiff_t>(to), std::byte{0xff});
  };
  fill(56, 80);  // Downloaded, left, uploaded.
  fill(84, 96);  // Ip, key, numwant.
  const auto request = decode_request(announce);
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<AnnounceRequest>(*request).left, -1);
  EXPECT_EQ(std::get<AnnounceRequest>(*request).ip, 0xffffffffu);
}

TEST(RequestRules, MalformedDeservesNoText) { EXPECT_EQ(message_of(Reason::malformed), ""); }

TEST(RequestEncodingDeathTest, RefusesARoomThatIsTooSmall) {
  std::array<std::byte, kConnectRequestBytes - 1> room;
  EXPECT_DEATH(encode(ConnectRequest{}, room), "CHECK failed");
  EXPECT_DEATH(encode(AnnounceRequest{}, room), "CHECK failed");
  EXPECT_DEATH(encode(ScrapeRequest{}, room), "CHECK failed");
}

RC_GTEST_PROP(Request, ConnectDecodesToWhatWasEncoded, (TransactionId transaction_id)) {
  const ConnectRequest request{.transaction_id = transaction_id};
  const Datagram datagram = encoded(request, kConnectRequestBytes);
  RC_ASSERT(std::get<ConnectRequest>(*decode_request(datagram)) == request);
}

RC_GTEST_PROP(Request, AnnounceDecodesToWhatWasEncoded, ()) {
  const Datagram options = *rc::gen::container<Datagram>(any_byte());
  AnnounceRequest request;
  request.connection_id = *rc::gen::arbitrary<ConnectionId>();
  request.transaction_id = *rc::gen::arbitrary<TransactionId>();
  request.info_hash = any_id<InfoHash>();
  request.peer_id = any_id<PeerId>();
  request.downloaded = *rc::gen::arbitrary<std::int64_t>();
  request.left = *rc::gen::arbitrary<std::int64_t>();
  request.uploaded = *rc::gen::arbitrary<std::int64_t>();
  request.event = *rc::gen::cast<Event>(rc::gen::inRange(0, 5));
  request.ip = *rc::gen::arbitrary<std::uint32_t>();
  request.key = *rc::gen::arbitrary<std::uint32_t>();
  request.num_want = *rc::gen::arbitrary<std::int32_t>();
  request.port = *rc::gen::nonZero<std::uint16_t>();
  request.options = options;

  const Datagram datagram = encoded(request, kAnnounceRequestBytes + options.size() + 7);
  RC_ASSERT(datagram.size() == kAnnounceRequestBytes + options.size());
  RC_ASSERT(same(std::get<AnnounceRequest>(*decode_request(datagram)), request));
}

RC_GTEST_PROP(Request, ScrapeDecodesToWhatWasEncoded,
              (ConnectionId id, TransactionId transaction)) {
  const auto count = *rc::gen::inRange<std::size_t>(1, kMaxScrapeTorrents + 1);
  const Datagram info_hashes = *any_bytes(count * InfoHash::kBytes);
  const ScrapeRequest request{id, transaction, info_hashes};
  const Datagram datagram = encoded(request, kScrapeRequestHeaderBytes + info_hashes.size());
  const auto decoded = std::get<ScrapeRequest>(*decode_request(datagram));
  RC_ASSERT(decoded.connection_id == id);
  RC_ASSERT(decoded.transaction_id == transaction);
  RC_ASSERT(std::ranges::equal(decoded.info_hash_bytes, info_hashes));
  RC_ASSERT(decoded.size() == count);
}

// Random bytes rarely look like a request, so an action and the magic are put in place.
RC_GTEST_PROP(Request, AnyBytesAreDecodedOrRefused, ()) {
  Datagram datagram = *rc::gen::resize(300, rc::gen::container<Datagram>(any_byte()));
  const auto action = *rc::gen::inRange<std::uint32_t>(0, 5);
  if (datagram.size() >= 12) store_big_endian(datagram.data() + kActionOffset, action);
  if (datagram.size() >= 8 && *rc::gen::arbitrary<bool>()) {
    store_big_endian(datagram.data(), kProtocolMagic);
  }
  const auto request = decode_request(datagram);
  if (request) RC_ASSERT(request->index() == action);
}

RC_GTEST_PROP(Request, NoFlippedBitIsEverReadAsSomethingElse, ()) {
  Datagram announce = kAnnounce;
  const auto bit = *rc::gen::inRange<std::size_t>(0, 8 * kAnnounceRequestBytes);
  announce[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
  const auto request = decode_request(announce);
  if (!request || !std::holds_alternative<AnnounceRequest>(*request)) return;
  RC_ASSERT(encoded(std::get<AnnounceRequest>(*request), kAnnounceRequestBytes) == announce);
}

}  // namespace
}  // namespace aquatic::udp
