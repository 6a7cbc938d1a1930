// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/request.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace aquatic::http {
namespace {

using namespace std::string_literals;

// What every announce needs, with which the cases below begin. (Not of one digit repeated, so that
// nothing can be mixed up.)
const std::string kNeeded =
    "info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A&peer_id=-LT1190-abcdefghijkl"
    "&port=6881&left=16384";
constexpr std::string_view kInfoHash = "123456789abcdef123456789abcdef123456789a";

PeerId peer_id(std::string_view text) {
  PeerId id;
  const Bytes bytes = as_bytes(text);
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

AnnounceRequest needed() {
  return {.info_hash = *InfoHash::parse_hex(kInfoHash),
          .peer_id = peer_id("-LT1190-abcdefghijkl"),
          .port = 6881,
          .left = 16384};
}

void expect_error(const std::string& query, RequestError error) {
  const auto request = decode_announce(query);
  ASSERT_FALSE(request) << query;
  EXPECT_EQ(text_of(request.error()), text_of(error)) << query;
}

AnnounceRequest decoded(const std::string& query) {
  const auto request = decode_announce(query);
  EXPECT_TRUE(request) << query << ": " << text_of(request ? RequestError{} : request.error());
  return request.value_or(AnnounceRequest{});
}

AnnounceRequest with(const std::string& more) { return decoded(kNeeded + more); }

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

TEST(AnnounceQuery, NeedsFourThings) { EXPECT_EQ(with(""), needed()); }

// Captured from the programs (but for hashes and addresses).
TEST(AnnounceQuery, ReadsWhatRealProgramsSend) {
  const AnnounceRequest libtorrent = decoded(
      "info_hash=%124Vx%9a%bc%de%f1%23Eg%89%ab%cd%ef%124Vx%9a&peer_id=-LT1190-abcdefghijkl"
      "&port=6881&uploaded=12&downloaded=34&left=16384&corrupt=0&key=5C9F00A1&event=started"
      "&numwant=200&compact=1&no_peer_id=1&supportcrypto=1&redundant=0");
  AnnounceRequest expected = needed();
  expected.uploaded = 12;
  expected.downloaded = 34;
  expected.event = Event::started;
  expected.num_want = 200;
  expected.has_no_peer_id = true;
  EXPECT_EQ(libtorrent, expected);

  const AnnounceRequest transmission = decoded(
      "info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A&peer_id=-LT1190-abcdefghijkl"
      "&port=6881&uploaded=12&downloaded=34&left=16384&numwant=80&key=72ca1da3&compact=1"
      "&supportcrypto=1&event=started&ipv6=2001%3Adb8%3A%3A7");
  expected.num_want = 80;
  expected.has_no_peer_id = false;
  expected.ipv6 = ip("2001:db8::7");
  EXPECT_EQ(transmission, expected);

  const AnnounceRequest aria2 = decoded(
      "info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A&peer_id=-LT1190-abcdefghijkl"
      "&uploaded=0&downloaded=0&left=16384&compact=1&key=A2sdf&numwant=50&no_peer_id=1&port=6881"
      "&event=stopped&supportcrypto=1");
  EXPECT_EQ(aria2.event, Event::stopped);
  EXPECT_EQ(aria2.num_want, 50u);

  // uTorrent writes letters where others encode, and sends its own address.
  const AnnounceRequest utorrent = decoded(
      "info_hash=%124Vx%9a%bc%de%f1%23Eg%89%ab%cd%ef%124Vx%9a&peer_id=%2dLT1190%2dabcdefghijkl"
      "&port=6881&uploaded=0&downloaded=0&left=16384&corrupt=0&key=2B3A4C5D&event=started"
      "&numwant=200&compact=1&no_peer_id=1&ipv6=2001%3adb8%3a%3a7");
  EXPECT_EQ(utorrent.peer_id, needed().peer_id);
  EXPECT_EQ(utorrent.ipv6, ip("2001:db8::7"));
}

// X33: what bytes a hash has, and whether they are encoded, makes no difference.
TEST(AnnounceQuery, IdsAreAnyTwentyBytesEncodedOrRaw) {
  const std::string rest = "&peer_id=-LT1190-abcdefghijkl&port=1&left=0";
  const auto info_hash = [&](const std::string& text) {
    return decoded("info_hash=" + text + rest).info_hash.to_hex();
  };
  EXPECT_EQ(info_hash("++++++++++++++++++++"), "2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b");
  EXPECT_EQ(info_hash("%00%01%02%03%04%05%06%07%08%09%0a%0B%0c%0D%0e%0F%26%3d%25%23"),
            "000102030405060708090a0b0c0d0e0f263d2523");
  EXPECT_EQ(info_hash("\x80\x81\xfe\xff================"),
            "8081feff3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d");
  EXPECT_EQ(info_hash("aaaaaaaaaaaaaaaaaaa%61"), "6161616161616161616161616161616161616161");
}

TEST(AnnounceQuery, SaysWhatIsMissing) {
  const std::string hash = "info_hash=aaaaaaaaaaaaaaaaaaaa";
  const std::string peer = "peer_id=bbbbbbbbbbbbbbbbbbbb";
  expect_error("", RequestError::no_info_hash);
  expect_error("&&", RequestError::no_info_hash);
  expect_error(peer + "&port=1&left=0", RequestError::no_info_hash);
  expect_error(hash + "&port=1&left=0", RequestError::no_peer_id);
  expect_error(hash + "&" + peer + "&left=0", RequestError::no_port);
  expect_error(hash + "&" + peer + "&port=1", RequestError::no_left);
  EXPECT_TRUE(decode_announce(hash + "&" + peer + "&port=1&left=0"));
  // Keys are compared as they are.
  expect_error("Info_Hash=aaaaaaaaaaaaaaaaaaaa&" + peer + "&port=1&left=0",
               RequestError::no_info_hash);
}

TEST(AnnounceQuery, SaysWhatIsWrong) {
  const std::string nineteen = "aaaaaaaaaaaaaaaaaaa";
  for (const std::string& id : {""s, nineteen, nineteen + "aa", nineteen + "%", nineteen + "%4",
                                nineteen + "%zz", nineteen + nineteen + "aa"}) {
    expect_error(kNeeded + "&info_hash=" + id, RequestError::bad_info_hash);
    expect_error(kNeeded + "&peer_id=" + id, RequestError::bad_peer_id);
  }
  for (const char* port : {"", "0", "65536", "-1", "+1", "6881x", "x", " 1", "1.0", "0x1", "%"}) {
    expect_error(kNeeded + "&port=" + port, RequestError::bad_port);
  }
  for (const char* left : {"", "-2", "+1", "x", "1x", "18446744073709551616", "-", "--1", "1e9"}) {
    expect_error(kNeeded + "&left=" + left, RequestError::bad_left);
  }
  for (const char* event : {"start", "startedx", "0", "2", " ", "none", "%", "started,stopped"}) {
    expect_error(kNeeded + "&event=" + event, RequestError::bad_event);
  }
  for (const char* number : {"x", "5x", "-", "-x", "+5", "1.5", " 5", "%zz"}) {
    expect_error(kNeeded + "&numwant=" + number, RequestError::bad_num_want);
  }
  for (const char* compact : {"2", "-1", "yes", "01", "%"}) {
    expect_error(kNeeded + "&compact=" + compact, RequestError::bad_compact);
  }
}

TEST(AnnounceQuery, EveryErrorHasItsText) {
  for (int i = 0; i <= static_cast<int>(RequestError::bad_compact); ++i) {
    EXPECT_NE(text_of(static_cast<RequestError>(i)), "");
  }
}

TEST(AnnounceQuery, ReadsTheExtremesOfNumbers) {
  EXPECT_EQ(with("&port=1").port, 1u);
  EXPECT_EQ(with("&port=65535").port, 65535u);
  EXPECT_EQ(with("&port=%36881").port, 6881u);
  EXPECT_EQ(with("&left=0").left, 0u);
  EXPECT_EQ(with("&left=18446744073709551615").left, UINT64_MAX);
  EXPECT_EQ(with("&left=-1").left, UINT64_MAX);
}

TEST(AnnounceQuery, TrafficIsNeverWrong) {
  for (const char* text : {"", "-1", "x", "18446744073709551616", "%"}) {
    const AnnounceRequest request = with("&uploaded="s + text + "&downloaded=" + text);
    EXPECT_EQ(request.uploaded, 0u);
    EXPECT_EQ(request.downloaded, 0u);
  }
  EXPECT_EQ(with("&uploaded=18446744073709551615").uploaded, UINT64_MAX);
  EXPECT_EQ(with("&downloaded=7").downloaded, 7u);
}

TEST(AnnounceQuery, ReadsEvents) {
  for (const char* text : {"&event=", "&event", "&event=empty", "&event=EMPTY"}) {
    EXPECT_EQ(with(text).event, Event::none) << text;
  }
  EXPECT_EQ(with("&event=started").event, Event::started);
  EXPECT_EQ(with("&event=stopped").event, Event::stopped);
  EXPECT_EQ(with("&event=completed").event, Event::completed);
  EXPECT_EQ(with("&event=paused").event, Event::paused);
  EXPECT_EQ(with("&event=Started").event, Event::started);
  EXPECT_EQ(with("&event=%73tarted").event, Event::started);
}

TEST(AnnounceQuery, ReadsHowManyPeersAreWanted) {
  for (const char* text : {"", "&numwant=", "&numwant=-1", "&numwant=-99999999999999999999"}) {
    EXPECT_EQ(with(text).num_want, std::nullopt) << text;
  }
  EXPECT_EQ(with("&numwant=0").num_want, 0u);
  EXPECT_EQ(with("&numwant=50").num_want, 50u);
  EXPECT_EQ(with("&numwant=4294967296").num_want, UINT32_MAX);
  EXPECT_EQ(with("&numwant=99999999999999999999").num_want, UINT32_MAX);
}

TEST(AnnounceQuery, ReadsFlags) {
  for (const char* text : {"", "&compact", "&compact=", "&compact=1"}) {
    EXPECT_TRUE(with(text).is_compact) << text;
  }
  EXPECT_FALSE(with("&compact=0").is_compact);
  for (const char* text : {"", "&no_peer_id", "&no_peer_id=0", "&no_peer_id=x"}) {
    EXPECT_FALSE(with(text).has_no_peer_id) << text;
  }
  EXPECT_TRUE(with("&no_peer_id=1").has_no_peer_id);
}

TEST(AnnounceQuery, ReadsAddressesAndIgnoresWhatIsNone) {
  EXPECT_EQ(with("&ip=192.0.2.7").ip, ip("192.0.2.7"));
  EXPECT_EQ(with("&ip=2001:db8::7").ip, ip("2001:db8::7"));
  EXPECT_EQ(with("&ip=192.0.2.7:80").ip, ip("192.0.2.7"));
  EXPECT_EQ(with("&ipv4=192.0.2.7%3A6881").ipv4, ip("192.0.2.7"));
  EXPECT_EQ(with("&ipv6=%5B2001%3Adb8%3A%3A7%5D%3A6881").ipv6, ip("2001:db8::7"));
  EXPECT_EQ(with("&ipv6=2001:db8::7").ipv6, ip("2001:db8::7"));
  // The longest there is, with everything encoded.
  std::string longest;
  for (const char c : "[0000:0000:0000:0000:0000:0001:255.255.255.255]:65535"s) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    longest +=
        {'%', kDigits[static_cast<std::size_t>(c >> 4)], kDigits[static_cast<std::size_t>(c & 15)]};
  }
  EXPECT_EQ(with("&ipv6=" + longest).ipv6, ip("::1:ffff:ffff"));
  for (const std::string& text : {""s, "x"s, "localhost"s, "192.0.2"s, "192.0.2.7:"s, "%"s,
                                  "192.0.2.7%00"s, std::string(5000, '1'), "fe80::1%25eth0"s}) {
    const AnnounceRequest request = with("&ip=" + text + "&ipv4=" + text + "&ipv6=" + text);
    EXPECT_EQ(request, needed()) << text;
  }
  // Not of the family that the key says.
  EXPECT_EQ(with("&ipv4=2001:db8::7&ipv6=192.0.2.7"), needed());
  EXPECT_EQ(with("&ipv6=::ffff:192.0.2.7"), needed());
}

TEST(AnnounceQuery, TheLastOfRepeatedKeysCounts) {
  EXPECT_EQ(with("&port=1&port=2").port, 2u);
  EXPECT_EQ(with("&port=x&port=2").port, 2u);
  expect_error(kNeeded + "&port=2&port=x", RequestError::bad_port);
  EXPECT_EQ(with("&event=stopped&event=").event, Event::none);
}

TEST(AnnounceQuery, EverythingElseIsIgnored) {
  for (const std::string& text :
       {"&key="s + std::string(5000, 'k'), "&trackerid=a=b=c"s, "&corrupt"s, "&=x"s, "&="s, "&&&"s,
        "&supportcrypto=1&requirecrypto=1&azudp=6881&hide=1"s, "&%=1"s, "&\xff\xfe=\x01"s,
        "&Port=7"s, "&port%00=7"s, "&?port=7"s, "&portx=7"s, "&por=7"s}) {
    EXPECT_EQ(with(text), needed()) << text;
  }
  EXPECT_EQ(with("&%70ort=7").port, 7u);
}

TEST(ScrapeQuery, ReadsHashesInTheirOrder) {
  std::array<InfoHash, 3> out;
  const auto hashes = decode_scrape(
      "info_hash=bbbbbbbbbbbbbbbbbbbb&x=y&info_hash=aaaaaaaaaaaaaaaaaaa%61&passkey=info_hash", out);
  ASSERT_TRUE(hashes);
  EXPECT_EQ(hashes->count, 2u);
  EXPECT_FALSE(hashes->has_more);
  EXPECT_EQ(out[0].to_hex(), "6262626262626262626262626262626262626262");
  EXPECT_EQ(out[1].to_hex(), "6161616161616161616161616161616161616161");
}

TEST(ScrapeQuery, NoneAsksForEverything) {
  std::array<InfoHash, 1> out;
  for (const char* query : {"", "&", "x=y", "infohash=aaaaaaaaaaaaaaaaaaaa"}) {
    const auto hashes = decode_scrape(query, out);
    ASSERT_TRUE(hashes) << query;
    EXPECT_EQ(hashes->count, 0u);
    EXPECT_FALSE(hashes->has_more);
  }
}

TEST(ScrapeQuery, RefusesHashesThatAreNone) {
  std::array<InfoHash, 4> out;
  for (const std::string& hash : {""s, "a"s, std::string(19, 'a'), std::string(21, 'a'),
                                  std::string(19, 'a') + "%", std::string(40, 'a')}) {
    const auto hashes = decode_scrape("info_hash=aaaaaaaaaaaaaaaaaaaa&info_hash=" + hash, out);
    ASSERT_FALSE(hashes) << hash;
    EXPECT_EQ(hashes.error(), RequestError::bad_info_hash);
  }
}

TEST(ScrapeQuery, SaysWhenThereAreMoreThanFit) {
  std::string query;
  for (int i = 0; i < 5; ++i) query += "&info_hash=aaaaaaaaaaaaaaaaaaa" + std::to_string(i);
  std::array<InfoHash, 8> out;
  for (std::size_t room = 0; room <= out.size(); ++room) {
    const auto hashes = decode_scrape(query, std::span(out).first(room));
    ASSERT_TRUE(hashes);
    EXPECT_EQ(hashes->count, std::min<std::size_t>(room, 5));
    EXPECT_EQ(hashes->has_more, room < 5);
  }
}

rc::Gen<std::vector<std::byte>> any_bytes(std::size_t count) {
  return rc::gen::container<std::vector<std::byte>>(
      count, rc::gen::cast<std::byte>(rc::gen::arbitrary<std::uint8_t>()));
}

InfoHash any_info_hash() { return InfoHash::copy_from((*any_bytes(InfoHash::kBytes)).data()); }

std::optional<IpAddress> any_address(Family family) {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  const auto bytes = *any_bytes(IpAddress::kV6Bytes);
  if (family == Family::ipv4) return IpAddress::v4(std::span(bytes).first<4>());
  const IpAddress address = IpAddress::v6(std::span(bytes).first<16>());
  return address.is_v4() ? std::nullopt : std::optional(address);
}

AnnounceRequest any_announce() {
  const auto any_number = rc::gen::arbitrary<std::uint64_t>();
  AnnounceRequest request;
  request.info_hash = any_info_hash();
  const auto id_bytes = *any_bytes(PeerId::kBytes);
  std::copy(id_bytes.begin(), id_bytes.end(), request.peer_id.bytes.begin());
  request.port = *rc::gen::inRange<std::uint16_t>(1, 65535);
  request.uploaded = *any_number;
  request.downloaded = *any_number;
  request.left = *any_number;
  request.event = static_cast<Event>(*rc::gen::inRange(0, 5));
  if (*rc::gen::arbitrary<bool>()) request.num_want = *rc::gen::arbitrary<std::uint32_t>();
  request.is_compact = *rc::gen::arbitrary<bool>();
  request.has_no_peer_id = *rc::gen::arbitrary<bool>();
  request.ip = any_address(*rc::gen::element(Family::ipv4, Family::ipv6));
  request.ipv4 = any_address(Family::ipv4);
  request.ipv6 = any_address(Family::ipv6);
  return request;
}

RC_GTEST_PROP(AnnounceQuery, DecodesToWhatWasEncoded, ()) {
  const AnnounceRequest request = any_announce();
  ByteBuffer out;
  encode(request, out);
  RC_ASSERT(decode_announce(out.text()) == request);
}

RC_GTEST_PROP(AnnounceQuery, OrderOfParametersDoesNotMatter, ()) {
  const AnnounceRequest request = any_announce();
  ByteBuffer out;
  encode(request, out);
  std::string reversed;
  for (std::string_view rest = out.text(); !rest.empty();) {
    const std::size_t begin = rest.rfind('&') + 1;
    reversed += std::string(rest.substr(begin)) + "&";
    rest = rest.substr(0, begin == 0 ? 0 : begin - 1);
  }
  RC_ASSERT(decode_announce(reversed) == request);
}

RC_GTEST_PROP(ScrapeQuery, DecodesToWhatWasEncoded, ()) {
  std::vector<InfoHash> info_hashes(*rc::gen::inRange<std::size_t>(0, 80));
  for (InfoHash& info_hash : info_hashes) info_hash = any_info_hash();
  ByteBuffer out;
  encode_scrape(info_hashes, out);
  std::vector<InfoHash> decoded(info_hashes.size());
  const auto hashes = decode_scrape(out.text(), decoded);
  RC_ASSERT(hashes.has_value());
  RC_ASSERT(!hashes->has_more);
  RC_ASSERT(hashes->count == info_hashes.size());
  RC_ASSERT(decoded == info_hashes);
}

}  // namespace
}  // namespace aquatic::http
