// SPDX-License-Identifier: Apache-2.0
// Decodes any bytes as the body of a tracker's response. What is accepted is bencode and nothing
// behind it, and what is decoded and encoded again is decoded to the same.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/check.h"
#include "protocol/http/response.h"

namespace aquatic::http {
namespace {

Response decode_again(const ByteBuffer& out) {
  const auto response = decode_response(out.bytes());
  CHECK(response.has_value());
  return *response;
}

void check_contents(const ReceivedAnnounce& received) {
  CHECK(received.peers.size() % 6 == 0 && received.peers6.size() % 18 == 0);
  CHECK(received.peers.empty() || received.listed_peers == 0);
  ByteBuffer out;
  encode(AnnounceResponse{.interval_s = received.interval_s,
                          .min_interval_s = received.min_interval_s.value_or(0),
                          .complete = received.complete,
                          .incomplete = received.incomplete,
                          .downloaded = received.downloaded.value_or(0),
                          .peers = received.peers,
                          .peers6 = received.peers6,
                          .external_ip = received.external_ip},
         out);
  const auto again = std::get<ReceivedAnnounce>(decode_again(out));
  CHECK(again.interval_s == received.interval_s);
  CHECK(again.min_interval_s == received.min_interval_s.value_or(0));
  CHECK(again.complete == received.complete && again.incomplete == received.incomplete);
  CHECK(again.downloaded == received.downloaded.value_or(0));
  CHECK(std::ranges::equal(again.peers, received.peers));
  CHECK(std::ranges::equal(again.peers6, received.peers6));
  CHECK(again.external_ip == received.external_ip);
}

// The same peers as dictionaries.
void check_listed(const ReceivedAnnounce& received) {
  ByteBuffer out;
  encode(AnnounceResponse{.peers = received.peers, .peers6 = received.peers6, .is_compact = false},
         out);
  const auto again = std::get<ReceivedAnnounce>(decode_again(out));
  CHECK(again.listed_peers == received.peers.size() / 6 + received.peers6.size() / 18);
}

std::vector<ScrapedTorrent> torrents_of(ReceivedScrape scrape) {
  std::vector<ScrapedTorrent> torrents;
  while (const auto torrent = scrape.next()) torrents.push_back(*torrent);
  CHECK(torrents.size() == scrape.size());
  CHECK(!scrape.next());
  return torrents;
}

void check_contents(const ReceivedScrape& received) {
  const std::vector<ScrapedTorrent> torrents = torrents_of(received);
  ByteBuffer out;
  begin_scrape_response(out);
  for (std::size_t i = 0; i < torrents.size(); ++i) {
    if (i > 0) CHECK(torrents[i - 1].info_hash < torrents[i].info_hash);
    append_scraped_torrent(torrents[i], out);
  }
  end_scrape_response(out);
  CHECK(torrents_of(std::get<ReceivedScrape>(decode_again(out))) == torrents);
}

void check_contents(const Failure& failure) {
  ByteBuffer out;
  encode(failure, out);
  CHECK(std::get<Failure>(decode_again(out)) == failure);
}

// Whether it is one dictionary and nothing else.
bool is_dictionary(Bytes body) {
  bencode::Reader reader(body);
  if (reader.next_type() != bencode::Type::dictionary) return false;
  reader.skip();
  return reader.is_at_end();
}

bool is_malformed(Bytes body) {
  const auto response = decode_response(body);
  return !response && response.error() == ResponseError::malformed;
}

void check(Bytes body) {
  const auto response = decode_response(body);
  if (!response) return;
  CHECK(is_dictionary(body));
  CHECK(is_malformed(body.first(body.size() - 1)));
  std::vector<std::byte> longer(body.begin(), body.end());
  longer.push_back(std::byte{'e'});
  CHECK(is_malformed(longer));
  std::visit([](const auto& contents) { check_contents(contents); }, *response);
  if (const auto* announce = std::get_if<ReceivedAnnounce>(&*response)) check_listed(*announce);
}

}  // namespace
}  // namespace aquatic::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::http::check(std::as_bytes(std::span(data, size)));
  return 0;
}
