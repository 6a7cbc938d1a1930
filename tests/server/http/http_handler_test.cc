// SPDX-License-Identifier: Apache-2.0
// Streams in memory: what is said to whom, in which order, and what becomes of the connection. What
// the bodies of announces and scrapes say is tested with HttpResponder.
#include "server/http/http_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace aquatic::server {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::string_view_literals;

const std::string kAnnounce =
    "/announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1&left=1";
constexpr std::string_view kScrape = "/scrape?info_hash=aaaaaaaaaaaaaaaaaaaa";

std::string get(std::string_view target, std::string_view headers = "",
                std::string_view version = "HTTP/1.1", std::string_view method = "GET") {
  return std::string(method) + " " + std::string(target) + " " + std::string(version) +
         "\r\nHost: tracker\r\n" + std::string(headers) + "\r\n";
}

std::string body_of(std::string_view response) {
  return std::string(response.substr(std::min(response.find("\r\n\r\n"), response.size() - 4) + 4));
}

std::string head_of(std::string_view response) {
  return std::string(response.substr(0, response.find("\r\n\r\n") + 4));
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++count;
  return count;
}

// A stream as it looks to the handler.
struct Stream {
  Endpoint peer = {*IpAddress::parse("192.0.2.1"), 50'000};
  std::string input;  // Arrived, not consumed.
  std::uint64_t memo = 0;
  bool is_closed = false;
  std::size_t turns = 0;
};

class HttpHandlerTest : public testing::Test {
 protected:
  // One turn; the output of it.
  std::string take_turn(Stream& stream, net::StreamEvent event, bool* has_more = nullptr) {
    ByteBuffer output;
    net::StreamTurn turn{.event = event,
                         .peer = stream.peer,
                         .input = as_bytes(stream.input),
                         .now = 10,
                         .output = output,
                         .memo = stream.memo};
    handler().handle(turn);
    ++stream.turns;
    stream.input.erase(0, turn.consumed);
    stream.is_closed = turn.is_last;
    if (has_more != nullptr) *has_more = turn.has_more_output;
    return std::string(output.text());
  }

  // Everything that comes back, the socket being always ready.
  std::string send(Stream& stream, std::string_view text) {
    stream.input += text;
    bool has_more = false;
    std::string output = take_turn(stream, net::StreamEvent::input, &has_more);
    while (has_more) output += take_turn(stream, net::StreamEvent::drained, &has_more);
    return output;
  }
  std::string ask(std::string_view text) {
    stream_ = {};
    return send(stream_, text);
  }

  std::uint64_t count(HttpMetric metric, Family family = Family::ipv4) const {
    return metrics_.of(family).get(metric);
  }
  std::uint32_t leechers(Family family = Family::ipv4) {
    InfoHash info_hash;
    info_hash.bytes.fill(std::byte{'a'});
    return swarm_.scrape(swarm_.locate(family, info_hash)).leechers;
  }
  void add_torrents(std::uint32_t torrent_count) {
    Random random(1);
    for (std::uint32_t i = 0; i < torrent_count; ++i) {
      InfoHash info_hash;
      store_big_endian(info_hash.bytes.data(), i);
      swarm_.announce(swarm_.locate(Family::ipv4, info_hash), {.peer = {IpAddress(), 1}}, 0, {},
                      random);
    }
  }
  void use_proxy(http::ForwardedFormat format = http::ForwardedFormat::address_list) {
    options_.is_behind_proxy = true;
    options_.trusted_proxies = *IpNetworks::parse("192.0.2.0/24");
    options_.proxy_header_format = format;
  }

  HttpHandler& handler() {
    if (!handler_) handler_.emplace(options_, swarm_, access_list_, 1, metrics_);
    return *handler_;
  }

  HttpHandlerOptions options_;
  swarm::Swarm swarm_{swarm::Options{.hash_seed = 3}};
  access_list::Holder access_list_;
  HttpMetrics metrics_;
  Stream stream_;

 private:
  std::optional<HttpHandler> handler_;
};

TEST_F(HttpHandlerTest, AnswersAnAnnounceInBencode) {
  const std::string response = ask(get(kAnnounce));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                   "Content-Length: " +
                                   std::to_string(body_of(response).size()) + "\r\n\r\nd8:compl"));
  EXPECT_FALSE(stream_.is_closed);
  EXPECT_EQ(leechers(), 1u);
  EXPECT_EQ(count(HttpMetric::announce_requests), 1u);
  EXPECT_EQ(count(HttpMetric::announce_responses), 1u);
}

TEST_F(HttpHandlerTest, FindsItsRoutes) {
  for (const char* target : {"/announce", "/passkey/announce", "http://tracker:80/announce"}) {
    EXPECT_THAT(ask(get(target)), HasSubstr("info_hash is missing")) << target;
  }
  EXPECT_THAT(ask(get(kScrape)), EndsWith("ee"));
  EXPECT_THAT(ask(get("/passkey" + std::string(kScrape))), EndsWith("ee"));
  EXPECT_THAT(ask(get("/health")),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(count(HttpMetric::health_requests), 1u);
  EXPECT_EQ(count(HttpMetric::scrape_responses), 2u);
}

TEST_F(HttpHandlerTest, TellsPeopleWhatThisIs) {
  for (const char* target : {"/", "/index.html", "/a/b/announce", "/announce/", "/Announce"}) {
    const std::string response = ask(get(target));
    EXPECT_THAT(response, StartsWith("HTTP/1.1 404 Not Found\r\n")) << target;
    EXPECT_THAT(body_of(response), AllOf(HasSubstr("BitTorrent tracker"), HasSubstr("/announce")));
    EXPECT_FALSE(stream_.is_closed);
  }
  EXPECT_EQ(count(HttpMetric::error_responses), 5u);
}

// X31: a failure is a response like others.
TEST_F(HttpHandlerTest, GoesOnAfterAFailure) {
  const std::string both = ask(get("/announce") + get("/health"));
  EXPECT_THAT(both, HasSubstr("info_hash is missing8:retry in5:nevereHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(both, EndsWith("ok"));
  EXPECT_EQ(count(HttpMetric::failure_responses), 1u);
}

// H11: a hundred requests at once, one byte at a time, and in parts.
TEST_F(HttpHandlerTest, AnswersPipelinedRequestsHoweverTheyArrive) {
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += get(i % 2 == 0 ? "/health" : "/scrape?info_hash=" + std::string(20, 'x'));
  }
  const std::string expected = ask(requests);
  EXPECT_EQ(count_of(expected, "HTTP/1.1 200 OK"), 100u);
  for (const std::size_t part_bytes : std::initializer_list<std::size_t>{1, 7, 1000}) {
    Stream stream;
    std::string got;
    for (std::size_t at = 0; at < requests.size(); at += part_bytes) {
      got += send(stream, requests.substr(at, part_bytes));
    }
    EXPECT_EQ(got, expected) << part_bytes;
    EXPECT_EQ(stream.input, "") << part_bytes;
  }
}

TEST_F(HttpHandlerTest, WaitsUntilARequestIsWhole) {
  const std::string request = get("/health");
  Stream stream;
  EXPECT_EQ(send(stream, request.substr(0, request.size() - 1)), "");
  EXPECT_EQ(stream.input.size(), request.size() - 1);
  EXPECT_FALSE(stream.is_closed);
  EXPECT_THAT(send(stream, request.substr(request.size() - 1)), EndsWith("ok"));
}

TEST_F(HttpHandlerTest, StopsWhenMuchIsUnsentAndGoesOnLater) {
  options_.max_output_bytes = 200;
  Stream stream;
  for (int i = 0; i < 10; ++i) stream.input += get("/health");
  bool has_more = false;
  const std::string first = take_turn(stream, net::StreamEvent::input, &has_more);
  EXPECT_TRUE(has_more);
  EXPECT_GE(first.size(), 200u);
  EXPECT_LT(first.size(), 400u);
  EXPECT_NE(stream.input, "");
  std::string rest;
  while (has_more) rest += take_turn(stream, net::StreamEvent::drained, &has_more);
  EXPECT_EQ(count_of(first + rest, "\r\n\r\nok"), 10u);
  EXPECT_EQ(stream.input, "");
}

TEST_F(HttpHandlerTest, AnswersAHeadWithoutABody) {
  for (const std::string& target :
       {std::string("/health"), std::string(kScrape), kAnnounce, std::string("/nowhere")}) {
    const std::string head = ask(get(target, "", "HTTP/1.1", "HEAD"));
    EXPECT_EQ(head, head_of(ask(get(target)))) << target;
  }
}

TEST_F(HttpHandlerTest, AnnouncesNobodyByHead) {
  ask(get(kAnnounce, "", "HTTP/1.1", "HEAD"));
  EXPECT_EQ(swarm_.totals(Family::ipv4).torrents, 0u);
}

TEST_F(HttpHandlerTest, TakesNoOtherMethods) {
  for (const char* method : {"POST", "PUT", "get", "OPTIONS", "X"}) {
    const std::string response = ask(get(kAnnounce, "", "HTTP/1.1", method) + get("/health"));
    EXPECT_THAT(response, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n")) << method;
    EXPECT_THAT(head_of(response), HasSubstr("\r\nAllow: GET, HEAD\r\n"));
    EXPECT_THAT(response, EndsWith("ok")) << "the connection stays";
  }
  const std::string response =
      ask(get(kAnnounce, "Content-Length: 5\r\n", "HTTP/1.1", "POST") + get("/health"));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 405"));
  EXPECT_TRUE(stream_.is_closed) << "what follows may be the body";
  EXPECT_THAT(response, Not(EndsWith("ok")));
}

TEST_F(HttpHandlerTest, TakesNoBodies) {
  for (const char* header : {"Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n"}) {
    const std::string response = ask(get("/health", header) + get("/health"));
    EXPECT_THAT(response, StartsWith("HTTP/1.1 413 Content Too Large\r\n"));
    EXPECT_THAT(head_of(response), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_TRUE(stream_.is_closed);
    EXPECT_THAT(response, Not(HasSubstr("ok")));
  }
  EXPECT_THAT(ask(get("/health", "Content-Length: 0\r\n")), EndsWith("ok"));
}

TEST_F(HttpHandlerTest, MeetsNoExpectationButTheUsualOne) {
  EXPECT_THAT(ask(get("/health", "Expect: 100-continue\r\n")),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("ok")));
  EXPECT_THAT(ask(get("/health", "Expect: 200-ok\r\n") + get("/health")),
              AllOf(StartsWith("HTTP/1.1 417 Expectation Failed\r\n"), EndsWith("ok")));
  EXPECT_THAT(ask(get("/health", "Expect: 100-continue\r\nContent-Length: 9\r\n")),
              StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpHandlerTest, ClosesAfterWhatItDoesNotUnderstand) {
  const std::string health = get("/health");
  const std::vector<std::pair<std::string, std::string>> requests = {
      {"nonsense\r\n\r\n", "400 Bad Request"},
      {"\x16\x03\x01\x02\x03\x04\x05\x06\r\n\r\n", "400 Bad Request"},
      {"GET /health HTTP/1.1\r\nHost : x\r\n\r\n", "400 Bad Request"},
      {"GET /health HTTP/2.0\r\nHost: x\r\n\r\n", "505 HTTP Version Not Supported"},
      {get("/health", "X: " + std::string(9000, 'x') + "\r\n"),
       "431 Request Header Fields Too Large"},
      {get("/" + std::string(9000, 'x')), "431 Request Header Fields Too Large"}};
  for (const auto& [request, status] : requests) {
    const std::string response = ask(request + health);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 " + status + "\r\n")) << request.substr(0, 50);
    EXPECT_THAT(head_of(response), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(count_of(response, "HTTP/1.1 "), 1u);
    EXPECT_TRUE(stream_.is_closed);
    // What came before it is answered all the same.
    EXPECT_THAT(ask(health + request), HasSubstr("okHTTP/1.1 " + status));
  }
}

TEST_F(HttpHandlerTest, CountsHeaders) {
  options_.head.max_headers = 3;
  EXPECT_THAT(ask(get("/health", "A: b\r\nC: d\r\n")), EndsWith("ok"));
  EXPECT_THAT(ask(get("/health", "A: b\r\nC: d\r\nE: f\r\n")), StartsWith("HTTP/1.1 431"));
}

TEST_F(HttpHandlerTest, KeepsAndClosesConnectionsAsAsked) {
  const std::string close = "Connection: close\r\n";
  const std::string keep = "Connection: keep-alive\r\n";
  EXPECT_THAT(head_of(ask(get("/health", close))), HasSubstr("\r\n" + close));
  EXPECT_TRUE(stream_.is_closed);
  EXPECT_THAT(head_of(ask(get("/health"))), Not(HasSubstr("Connection:")));
  EXPECT_FALSE(stream_.is_closed);
  EXPECT_THAT(head_of(ask(get("/health", "", "HTTP/1.0"))), HasSubstr("\r\n" + close));
  EXPECT_TRUE(stream_.is_closed);
  EXPECT_THAT(head_of(ask(get("/health", keep, "HTTP/1.0"))), HasSubstr("\r\n" + keep));
  EXPECT_FALSE(stream_.is_closed);
}

TEST_F(HttpHandlerTest, ClosesEveryConnectionWhereToldTo) {
  options_.keeps_alive = false;
  const std::string response = ask(get("/health") + get("/health"));
  EXPECT_THAT(head_of(response), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(count_of(response, "HTTP/1.1 "), 1u);
  EXPECT_TRUE(stream_.is_closed);
}

TEST_F(HttpHandlerTest, TellsWhoTookTooLong) {
  Stream stream;
  stream.input = "GET /ann";
  EXPECT_THAT(take_turn(stream, net::StreamEvent::timeout),
              StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(stream.is_closed);
  Stream silent;
  EXPECT_EQ(take_turn(silent, net::StreamEvent::timeout), "");
  EXPECT_TRUE(silent.is_closed);
}

TEST_F(HttpHandlerTest, TellsWhoIsOneTooMany) {
  Stream stream;
  const std::string response = take_turn(stream, net::StreamEvent::refused);
  EXPECT_THAT(response, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(head_of(response), HasSubstr("\r\nRetry-After: 120\r\n"));
  EXPECT_TRUE(stream.is_closed);
}

// H19: one connection of a proxy carries many peers.
TEST_F(HttpHandlerTest, BelievesATrustedProxy) {
  use_proxy();
  const std::string both = ask(get(kAnnounce, "X-Forwarded-For: 198.51.100.7\r\n") +
                               get(kAnnounce, "x-forwarded-for: 10.0.0.1, 198.51.100.8\r\n"));
  EXPECT_THAT(both, HasSubstr("external ip4:\xc6\x33\x64\x07"));
  EXPECT_THAT(both, HasSubstr("external ip4:\xc6\x33\x64\x08"));
  EXPECT_EQ(leechers(), 2u);
  EXPECT_THAT(ask(get(kAnnounce, "X-Forwarded-For: 2001:db8::1\r\n")), HasSubstr("6:peers60:"));
  EXPECT_EQ(leechers(Family::ipv6), 1u);
  EXPECT_EQ(count(HttpMetric::announce_requests, Family::ipv6), 1u) << "by whom it is for";
  EXPECT_EQ(count(HttpMetric::announce_requests), 2u);
}

TEST_F(HttpHandlerTest, UnderstandsForwarded) {
  use_proxy(http::ForwardedFormat::rfc7239);
  options_.proxy_header_name = "Forwarded";
  EXPECT_THAT(ask(get(kAnnounce, "Forwarded: for=198.51.100.7;proto=https\r\n")),
              HasSubstr("external ip4:\xc6\x33\x64\x07"));
}

TEST_F(HttpHandlerTest, IgnoresTheHeaderOfOthers) {
  use_proxy();
  Stream stream;
  stream.peer = {*IpAddress::parse("203.0.113.9"), 1};
  EXPECT_THAT(send(stream, get(kAnnounce, "X-Forwarded-For: 198.51.100.7\r\n")),
              HasSubstr(std::string("external ip4:\xcb\x00\x71\x09"sv)));
  EXPECT_THAT(send(stream, get(kAnnounce)), HasSubstr("external ip4:"));
  EXPECT_EQ(leechers(), 1u);
}

// H20, X29: the original crashed.
TEST_F(HttpHandlerTest, SaysThatAProxyDoesNotSayWhoAsks) {
  use_proxy();
  const std::string missing = ask(get(kAnnounce) + get("/health"));
  EXPECT_THAT(missing, HasSubstr("\r\n\r\nd14:failure reason31:The proxy does not say who askseH"));
  EXPECT_THAT(missing, EndsWith("ok")) << "which needs no address, and the connection stays";
  EXPECT_THAT(ask(get(kAnnounce, "X-Forwarded-For: unknown\r\n")), HasSubstr("failure reason"));
  EXPECT_THAT(ask(get(kAnnounce, "X-Forwarded-For: ,;\r\n")), HasSubstr("failure reason"));
  EXPECT_THAT(ask(get(kScrape)), HasSubstr("failure reason"));
  EXPECT_EQ(count(HttpMetric::proxy_errors), 4u);
  EXPECT_EQ(count(HttpMetric::failure_responses), 4u);
  EXPECT_EQ(swarm_.totals(Family::ipv4).torrents, 0u);
}

TEST_F(HttpHandlerTest, HearsOfANewAccessList) {
  const InfoHash zeros;
  ask(get(kAnnounce));
  access_list_.replace(access_list::AccessList(access_list::Mode::allow, std::span(&zeros, 1)));
  EXPECT_THAT(ask(get(kAnnounce)), HasSubstr("Info hash not allowed"));
}

TEST_F(HttpHandlerTest, AllowsFullScrapesOnlyWhereToldTo) {
  add_torrents(1);
  EXPECT_THAT(ask(get("/scrape") + get("/health")),
              AllOf(HasSubstr("\r\n\r\nd14:failure reason28:Full scrapes are not allowed"),
                    EndsWith("ok")));
  EXPECT_EQ(count(HttpMetric::full_scrape_requests), 1u);
  EXPECT_EQ(count(HttpMetric::failure_responses), 1u);
}

TEST_F(HttpHandlerTest, StreamsAFullScrapeAndGoesOn) {
  options_.allows_full_scrape = true;
  add_torrents(3000);
  const std::string response = ask(get("/scrape") + get("/health"));
  EXPECT_THAT(head_of(response),
              AllOf(HasSubstr("\r\nTransfer-Encoding: chunked\r\n"),
                    Not(HasSubstr("Content-Length")), Not(HasSubstr("Connection"))));
  EXPECT_EQ(count_of(response, "10:incompletei1ee"), 3000u);
  EXPECT_THAT(response, HasSubstr("ee\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, EndsWith("ok"));
  EXPECT_GT(stream_.turns, 3000u / 512);
  EXPECT_FALSE(stream_.is_closed);
  EXPECT_EQ(stream_.memo, 0u);
}

TEST_F(HttpHandlerTest, EndsAFullScrapeByClosingWhereItMust) {
  options_.allows_full_scrape = true;
  add_torrents(1000);
  const std::string old = ask(get("/scrape", "Connection: keep-alive\r\n", "HTTP/1.0"));
  EXPECT_THAT(head_of(old), AllOf(HasSubstr("\r\nConnection: close\r\n"), Not(HasSubstr("chunked")),
                                  Not(HasSubstr("Content-Length"))));
  EXPECT_THAT(body_of(old), AllOf(StartsWith("d5:filesd20:"), EndsWith("eee")));
  EXPECT_TRUE(stream_.is_closed);

  const std::string last = ask(get("/scrape", "Connection: close\r\n") + get("/health"));
  EXPECT_THAT(last, AllOf(HasSubstr("chunked"), EndsWith("0\r\n\r\n")));
  EXPECT_TRUE(stream_.is_closed);
}

TEST_F(HttpHandlerTest, AnswersAHeadOfAFullScrape) {
  options_.allows_full_scrape = true;
  add_torrents(1000);
  const std::string response = ask(get("/scrape", "", "HTTP/1.1", "HEAD") + get("/health"));
  EXPECT_EQ(stream_.memo, 0u);
  EXPECT_EQ(response, head_of(ask(get("/scrape"))) + ask(get("/health")));
}

}  // namespace
}  // namespace aquatic::server
