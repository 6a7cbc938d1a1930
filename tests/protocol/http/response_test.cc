// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/response.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

namespace aquatic::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::string_view kPeers = "\xc0\x00\x02\x07\x1a\xe1\x7f\x00\x00\x01\x00\x01"sv;
constexpr std::string_view kPeers6 = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x1a\xe1"sv;

template <class Message>
std::string encoded(const Message& message) {
  ByteBuffer out;
  encode(message, out);
  return std::string(out.text());
}

// Decodes and lets `look` at it while the bytes that it borrows from, a copy of exactly the right
// size, are there.
template <class Look>
auto decode(std::string_view text, Look look) {
  const std::vector<char> copy(text.begin(), text.end());
  return look(decode_response(std::as_bytes(std::span(copy))));
}

bool is_decoded(std::string_view text) {
  return decode(text, [](const auto& response) { return response.has_value(); });
}

void expect_error(std::string_view text, ResponseError error) {
  decode(text, [&](const auto& response) {
    ASSERT_FALSE(response) << text;
    EXPECT_EQ(static_cast<int>(response.error()), static_cast<int>(error)) << text;
  });
}

ReceivedAnnounce announce_of(const Expected<Response, ResponseError>& response) {
  return std::get<ReceivedAnnounce>(response.value());
}

PeerId peer_id(char c) {
  PeerId id;
  id.bytes.fill(static_cast<std::byte>(c));
  return id;
}

AnnounceResponse reference() {
  return {.interval_s = 120,
          .min_interval_s = 60,
          .complete = 1,
          .incomplete = 2,
          .downloaded = 3,
          .peers = as_bytes(kPeers)};
}

TEST(AnnounceResponse, WritesTheReferenceBytes) {
  EXPECT_EQ(encoded(reference()),
            "d8:completei1e10:downloadedi3e10:incompletei2e8:intervali120e12:min intervali60e"
            "5:peers12:" +
                std::string(kPeers) + "e");
  AnnounceResponse response = reference();
  response.peers = std::nullopt;
  response.peers6 = as_bytes(kPeers6);
  response.external_ip = IpAddress::parse("2001:db8::1");
  EXPECT_EQ(encoded(response),
            "d8:completei1e10:downloadedi3e11:external ip16:"
            "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
            "10:incompletei2e8:intervali120e12:min intervali60e6:peers618:"s +
                std::string(kPeers6) + "e");
}

TEST(AnnounceResponse, WritesTheExternalAddressRaw) {
  AnnounceResponse response = reference();
  response.external_ip = IpAddress::parse("192.0.2.1");
  EXPECT_NE(encoded(response).find("11:external ip4:\xc0\x00\x02\x01"s), std::string::npos);
  // BEP 24 by a peer who came through a mapped address: it is an IPv4 address.
  response.external_ip = IpAddress::parse("::ffff:192.0.2.1");
  EXPECT_NE(encoded(response).find("11:external ip4:\xc0\x00\x02\x01"s), std::string::npos);
}

TEST(AnnounceResponse, EmptyPeersAreNotAbsentPeers) {
  AnnounceResponse response = reference();
  response.peers = Bytes();
  EXPECT_TRUE(encoded(response).ends_with("5:peers0:e"));
  response.peers6 = Bytes();
  EXPECT_TRUE(encoded(response).ends_with("5:peers0:6:peers60:e"));
}

TEST(AnnounceResponse, WritesTheDictionaryForm) {
  const std::array ids = {peer_id('a'), peer_id('b')};
  const std::array ids6 = {peer_id('c')};
  AnnounceResponse response = reference();
  response.peers6 = as_bytes(kPeers6);
  response.is_compact = false;
  EXPECT_TRUE(encoded(response).ends_with(
      "5:peersld2:ip9:192.0.2.74:porti6881eed2:ip9:127.0.0.14:porti1eed2:ip11:2001:db8::7"
      "4:porti6881eeee"));
  response.peer_ids = ids;
  response.peer_ids6 = ids6;
  EXPECT_TRUE(encoded(response).ends_with(
      "5:peersld2:ip9:192.0.2.77:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti6881ee"
      "d2:ip9:127.0.0.17:peer id20:bbbbbbbbbbbbbbbbbbbb4:porti1ee"
      "d2:ip11:2001:db8::77:peer id20:cccccccccccccccccccc4:porti6881eeee"));
  decode(encoded(response), [](const auto& received) {
    EXPECT_EQ(announce_of(received).listed_peers, 3u);
    EXPECT_TRUE(announce_of(received).peers.empty());
  });
  response.peers = response.peers6 = std::nullopt;
  response.peer_ids = response.peer_ids6 = {};
  EXPECT_TRUE(encoded(response).ends_with("5:peerslee"));
  EXPECT_TRUE(is_decoded(encoded(response)));
}

TEST(AnnounceResponseDeathTest, RefusesIdsThatAreNotAsManyAsPeers) {
  const std::array ids = {peer_id('a')};
  AnnounceResponse response = reference();
  response.is_compact = false;
  response.peer_ids = ids;
  EXPECT_DEATH(encoded(response), "CHECK failed");
}

TEST(AnnounceResponse, ReadsWhatOtherTrackersSend) {
  // opentracker
  decode(
      "d8:completei1e10:downloadedi0e10:incompletei0e8:intervali1813e12:min intervali906e"
      "5:peers6:\x7f\0\0\x01\x1a\xe1"
      "e"sv,
      [](const auto& response) {
        const ReceivedAnnounce announce = announce_of(response);
        EXPECT_EQ(announce.interval_s, 1813u);
        EXPECT_EQ(announce.min_interval_s, 906u);
        EXPECT_EQ(announce.complete, 1u);
        EXPECT_EQ(announce.downloaded, 0u);
        EXPECT_EQ(announce.peers.size(), 6u);
      });
  // aquatic in Rust: both families, one of them empty.
  decode("d8:completei0e10:incompletei1e8:intervali120e5:peers0:6:peers60:e", [](const auto& r) {
    EXPECT_EQ(announce_of(r).incomplete, 1u);
    EXPECT_TRUE(announce_of(r).has_counts);
    EXPECT_EQ(announce_of(r).min_interval_s, std::nullopt);
    EXPECT_EQ(announce_of(r).downloaded, std::nullopt);
  });
  // Keys that we do not know, X37's warning among them.
  EXPECT_TRUE(is_decoded("d8:intervali1e5:peers0:10:tracker id3:abc15:warning message2:noe"));
  EXPECT_TRUE(is_decoded("d1:ad1:bli1eee8:intervali1e5:peers0:e"));
}

TEST(AnnounceResponse, SaysWhetherBothCountsWereThere) {
  for (const char* body :
       {"d8:completei0e8:intervali1e5:peers0:e", "d10:incompletei0e8:intervali1e5:peers0:e"}) {
    decode(body, [](const auto& r) { EXPECT_FALSE(announce_of(r).has_counts); });
  }
}

TEST(AnnounceResponse, RefusesWhatIsWrong) {
  expect_error("de", ResponseError::missing_key);
  expect_error("d8:intervali1ee", ResponseError::missing_key);
  expect_error("d5:peers0:e", ResponseError::missing_key);
  expect_error("d8:interval1:15:peers0:e", ResponseError::wrong_type);
  expect_error("d8:intervali1e5:peersi0ee", ResponseError::wrong_type);
  expect_error("d8:intervali1e5:peersdee", ResponseError::wrong_type);
  expect_error("d8:intervali1e6:peers6lee", ResponseError::wrong_type);
  expect_error("d8:completele8:intervali1e5:peers0:e", ResponseError::wrong_type);
  expect_error("d11:external ipi0e8:intervali1e5:peers0:e", ResponseError::wrong_type);
  expect_error("d8:intervali-1e5:peers0:e", ResponseError::malformed);
  expect_error("d8:intervali4294967296e5:peers0:e", ResponseError::malformed);
  expect_error("d8:intervali1e5:peers5:abcdee", ResponseError::malformed);
  expect_error("d8:intervali1e6:peers66:abcdefe", ResponseError::malformed);
  expect_error("d11:external ip5:abcde8:intervali1e5:peers0:e", ResponseError::malformed);
  expect_error("d8:intervali1e5:peers0:8:completei1ee", ResponseError::malformed);  // Unsorted.
  expect_error("d8:intervali1e5:peers0:ee", ResponseError::malformed);
  expect_error("d8:intervali1e5:peers0:e\r\n", ResponseError::malformed);
  expect_error("", ResponseError::malformed);
  expect_error("<html>", ResponseError::malformed);
  expect_error("i1e", ResponseError::wrong_type);
  expect_error("le", ResponseError::wrong_type);
}

TEST(AnnounceResponse, ChecksListedPeers) {
  const auto with = [](const std::string& peer) { return "d8:intervali1e5:peersl" + peer + "ee"; };
  EXPECT_TRUE(is_decoded(with("d2:ip7:1.2.3.44:porti1ee")));
  EXPECT_TRUE(is_decoded(with("d2:ip3:::14:porti65535ee")));
  EXPECT_TRUE(is_decoded(with("d2:ip3:::17:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti1e1:xi0ee")));
  expect_error(with("d2:ip7:1.2.3.4e"), ResponseError::missing_key);
  expect_error(with("d4:porti1ee"), ResponseError::missing_key);
  expect_error(with("d2:ip4:host4:porti1ee"), ResponseError::malformed);
  expect_error(with("d2:ip3:::14:porti65536ee"), ResponseError::malformed);
  expect_error(with("d2:ip3:::17:peer id3:abc4:porti1ee"), ResponseError::malformed);
  expect_error(with("d2:ipi1e4:porti1ee"), ResponseError::wrong_type);
  expect_error(with("d2:ip3:::14:port1:1e"), ResponseError::wrong_type);
  expect_error(with("i1e"), ResponseError::wrong_type);
}

TEST(Failure, WritesTheReferenceBytes) {
  EXPECT_EQ(encoded(Failure{.reason = "not here"}), "d14:failure reason8:not heree");
  // BEP 31.
  EXPECT_EQ(encoded(Failure{.reason = "not here", .retry = Failure::Retry::never}),
            "d14:failure reason8:not here8:retry in5:nevere");
  EXPECT_EQ(
      encoded(Failure{.reason = "busy", .retry = Failure::Retry::after, .retry_in_minutes = 15}),
      "d14:failure reason4:busy8:retry ini15ee");
}

TEST(Failure, DecodesToWhatWasEncoded) {
  for (const std::string& reason : {""s, "torrent is not allowed"s, "\0\xff:e"s}) {
    for (const Failure& failure :
         {Failure{.reason = reason}, Failure{.reason = reason, .retry = Failure::Retry::never},
          Failure{
              .reason = reason, .retry = Failure::Retry::after, .retry_in_minutes = UINT32_MAX}}) {
      decode(encoded(failure), [&](const auto& response) {
        EXPECT_EQ(std::get<Failure>(response.value()), failure);
      });
    }
  }
}

TEST(Failure, WinsOverWhateverElseIsThere) {
  decode("d14:failure reason2:no8:intervali1e5:peers0:e",
         [](const auto& response) { EXPECT_EQ(std::get<Failure>(response.value()).reason, "no"); });
}

TEST(Failure, RefusesWhatIsWrong) {
  expect_error("d14:failure reasoni1ee", ResponseError::wrong_type);
  expect_error("d14:failure reason2:no8:retry inlee", ResponseError::wrong_type);
  expect_error("d14:failure reason2:no8:retry in4:soone", ResponseError::malformed);
  expect_error("d14:failure reason2:no8:retry ini0ee", ResponseError::malformed);
  expect_error("d14:failure reason2:no8:retry ini-5ee", ResponseError::malformed);
  expect_error("d8:retry in5:nevere", ResponseError::missing_key);
}

std::string scrape_of(const std::vector<ScrapedTorrent>& torrents) {
  ByteBuffer out;
  begin_scrape_response(out);
  for (const ScrapedTorrent& torrent : torrents) append_scraped_torrent(torrent, out);
  end_scrape_response(out);
  return std::string(out.text());
}

std::vector<ScrapedTorrent> torrents_of(const Expected<Response, ResponseError>& response) {
  ReceivedScrape scrape = std::get<ReceivedScrape>(response.value());
  std::vector<ScrapedTorrent> torrents;
  while (const auto torrent = scrape.next()) torrents.push_back(*torrent);
  EXPECT_EQ(torrents.size(), scrape.size());
  EXPECT_EQ(scrape.next(), std::nullopt);
  return torrents;
}

ScrapedTorrent torrent(char c, std::uint32_t complete) {
  ScrapedTorrent result{.complete = complete, .incomplete = 2, .downloaded = 3};
  result.info_hash.bytes.fill(static_cast<std::byte>(c));
  return result;
}

TEST(ScrapeResponse, WritesTheReferenceBytes) {
  EXPECT_EQ(scrape_of({}), "d5:filesdee");
  EXPECT_EQ(scrape_of({torrent('a', 1), torrent('\xff', 4)}),
            "d5:filesd20:aaaaaaaaaaaaaaaaaaaad8:completei1e10:downloadedi3e10:incompletei2ee"
            "20:\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
            "d8:completei4e10:downloadedi3e10:incompletei2eeee"s);
}

TEST(ScrapeResponse, ReadsTorrentsOneByOne) {
  const std::vector<ScrapedTorrent> torrents = {torrent('\0', 1), torrent('a', 7),
                                                torrent('\xff', UINT32_MAX)};
  for (std::size_t count = 0; count <= torrents.size(); ++count) {
    const std::vector<ScrapedTorrent> some(torrents.begin(),
                                           torrents.begin() + static_cast<std::ptrdiff_t>(count));
    decode(scrape_of(some), [&](const auto& response) { EXPECT_EQ(torrents_of(response), some); });
  }
}

TEST(ScrapeResponse, PassesOverWhatItDoesNotKnow) {
  decode(
      "d5:filesd20:aaaaaaaaaaaaaaaaaaaad8:completei1e10:downloadedi3e11:downloadersi9e"
      "10:incompletei2e4:name3:abcee5:flagsd20:min_request_intervali60eee",
      [](const auto& response) { EXPECT_EQ(torrents_of(response), std::vector{torrent('a', 1)}); });
}

TEST(ScrapeResponse, RefusesWhatIsWrong) {
  const auto with = [](const std::string& files) { return "d5:files" + files + "e"; };
  const std::string key = "20:aaaaaaaaaaaaaaaaaaaa";
  expect_error(with("le"), ResponseError::wrong_type);
  expect_error(with("0:"), ResponseError::wrong_type);
  expect_error(with("d" + key + "lee"), ResponseError::wrong_type);
  expect_error(with("d" + key + "d8:complete1:1ee"), ResponseError::wrong_type);
  expect_error(with("d" + key + "d8:completei1e10:downloadedi3eee"), ResponseError::missing_key);
  expect_error(with("d3:abcd8:completei1e10:downloadedi3e10:incompletei2eee"),
               ResponseError::malformed);
  expect_error(with("d" + key + "d8:completei-1e10:downloadedi3e10:incompletei2eee"),
               ResponseError::malformed);
  expect_error(scrape_of({torrent('b', 1), torrent('a', 1)}), ResponseError::malformed);
  expect_error(scrape_of({torrent('a', 1), torrent('a', 1)}), ResponseError::malformed);
}

// X34, X37: what is cut off is never taken for something shorter.
TEST(ResponseRules, EveryTruncationIsRefused) {
  AnnounceResponse announce = reference();
  announce.peers6 = as_bytes(kPeers6);
  announce.external_ip = IpAddress::parse("192.0.2.1");
  AnnounceResponse listed = announce;
  listed.is_compact = false;
  for (const std::string& text :
       {encoded(announce), encoded(listed), scrape_of({torrent('a', 1), torrent('b', 2)}),
        encoded(Failure{.reason = "no", .retry = Failure::Retry::never})}) {
    EXPECT_TRUE(is_decoded(text));
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_FALSE(is_decoded(text.substr(0, size))) << size;
    }
  }
}

rc::Gen<std::string> any_entries(std::size_t entry_bytes) {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 20), [entry_bytes](std::size_t count) {
    return rc::gen::container<std::string>(count * entry_bytes, rc::gen::arbitrary<char>());
  });
}

RC_GTEST_PROP(Response, AnnounceDecodesToWhatWasEncoded, (bool has_v4, bool is_compact)) {
  const bool has_v6 = !has_v4 || *rc::gen::arbitrary<bool>();
  const auto any_count = rc::gen::arbitrary<std::uint32_t>();
  const std::string peers = *any_entries(6);
  const std::string peers6 = *any_entries(18);
  AnnounceResponse response;
  response.interval_s = *any_count;
  response.min_interval_s = *any_count;
  response.complete = *any_count;
  response.incomplete = *any_count;
  response.downloaded = *any_count;
  response.is_compact = is_compact;
  if (has_v4) response.peers = as_bytes(peers);
  if (has_v6) response.peers6 = as_bytes(peers6);
  if (*rc::gen::arbitrary<bool>()) {
    response.external_ip = IpAddress::parse(*rc::gen::element("192.0.2.1"s, "2001:db8::1"s));
  }
  const std::string text = encoded(response);
  const auto decoded = decode_response(as_bytes(text));
  const ReceivedAnnounce received = announce_of(decoded);
  RC_ASSERT(received.interval_s == response.interval_s);
  RC_ASSERT(received.min_interval_s == response.min_interval_s);
  RC_ASSERT(received.complete == response.complete);
  RC_ASSERT(received.incomplete == response.incomplete);
  RC_ASSERT(received.downloaded == response.downloaded);
  RC_ASSERT(received.external_ip == response.external_ip);
  const std::size_t count = (has_v4 ? peers.size() / 6 : 0) + (has_v6 ? peers6.size() / 18 : 0);
  RC_ASSERT(received.listed_peers == (is_compact ? 0 : count));
  RC_ASSERT(as_text(received.peers) == (is_compact && has_v4 ? peers : ""));
  RC_ASSERT(as_text(received.peers6) == (is_compact && has_v6 ? peers6 : ""));
}

RC_GTEST_PROP(Response, ScrapeDecodesToWhatWasEncoded, (const std::set<std::string>& names)) {
  std::vector<ScrapedTorrent> torrents;
  for (const std::string& name : names) {
    ScrapedTorrent one;
    const Bytes bytes = as_bytes(std::string_view(name).substr(0, InfoHash::kBytes));
    std::copy(bytes.begin(), bytes.end(), one.info_hash.bytes.begin());
    one.complete = *rc::gen::arbitrary<std::uint32_t>();
    one.incomplete = *rc::gen::arbitrary<std::uint32_t>();
    one.downloaded = *rc::gen::arbitrary<std::uint32_t>();
    torrents.push_back(one);
  }
  const auto by_info_hash = [](const auto& a, const auto& b) { return a.info_hash < b.info_hash; };
  const auto same_info_hash = [](const auto& a, const auto& b) {
    return a.info_hash == b.info_hash;
  };
  std::ranges::sort(torrents, by_info_hash);
  const auto surplus = std::ranges::unique(torrents, same_info_hash);
  torrents.erase(surplus.begin(), surplus.end());
  const std::string text = scrape_of(torrents);
  RC_ASSERT(torrents_of(decode_response(as_bytes(text))) == torrents);
}

}  // namespace
}  // namespace aquatic::http
