// SPDX-License-Identifier: Apache-2.0
#include "tests/load_test/http_tracker.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/check.h"
#include "protocol/http/request.h"
#include "protocol/http/request_head.h"
#include "protocol/http/response.h"

namespace aquatic::load_test::test {
namespace {

constexpr std::size_t kMaxTorrents = 100;

std::string right_scrape(std::string_view query) {
  std::array<InfoHash, kMaxTorrents> hashes;
  const auto scraped = http::decode_scrape(query, hashes);
  CHECK(scraped.has_value());
  const auto asked = std::span(hashes).first(scraped->count);
  std::ranges::sort(asked);
  const auto surplus = std::ranges::unique(asked);
  ByteBuffer body;
  http::begin_scrape_response(body);
  for (const InfoHash& hash : asked.first(asked.size() - surplus.size())) {
    http::append_scraped_torrent({.info_hash = hash}, body);
  }
  http::end_scrape_response(body);
  return std::string(body.text());
}

}  // namespace

StreamTracker::Behaviour answer_with(HttpBody body) {
  return [body = std::move(body)](std::string_view input, const Endpoint& peer) {
    http::RequestHead head;
    const auto bytes = http::decode_request_head(as_bytes(input), {}, head);
    if (!bytes) {
      CHECK(bytes.error() == http::HeadError::incomplete);  // The generator never sends nonsense.
      return StreamTracker::Answer{};
    }
    const std::string text = body(http::split_target(head.target), peer);
    return StreamTracker::Answer{
        .bytes = http_response(text, head.keeps_alive ? "" : "Connection: close\r\n"),
        .is_last = !head.keeps_alive,
        .taken = *bytes};
  };
}

std::string right_body(const http::Target& target) {
  if (target.path.starts_with("/scrape")) return right_scrape(target.query);
  return "d8:completei0e10:incompletei0e8:intervali120e5:peers0:6:peers60:e";
}

std::string http_response(std::string_view body, std::string_view headers) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

}  // namespace aquatic::load_test::test
