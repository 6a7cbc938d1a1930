// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_response_check.h"

#include <algorithm>
#include <optional>

namespace aquatic::load_test {
namespace {

constexpr unsigned kOk = 200;

std::optional<Fault> check_announce(const AnnounceExpectation& expected,
                                    const http::ReceivedAnnounce& announce, Depth depth) noexcept {
  if (!announce.has_counts || announce.interval_s == 0) return Fault::missing_keys;
  const bool is_v4 = expected.self.ip.is_v4();
  const Bytes other = is_v4 ? announce.peers6 : announce.peers;
  if (!other.empty()) return Fault::wrong_family;
  // The compact form was asked for.
  if (announce.listed_peers > 0) return Fault::malformed;
  return check(expected,
               {.seeders = announce.complete,
                .leechers = announce.incomplete,
                .peers = is_v4 ? announce.peers : announce.peers6},
               depth);
}

// Both are sorted: the decoder takes no other dictionaries.
std::optional<Fault> check_scrape(std::span<const InfoHash> torrents,
                                  http::ReceivedScrape scrape) noexcept {
  const bool is_right =
      scrape.size() == torrents.size() && std::ranges::all_of(torrents, [&](const InfoHash& hash) {
        const auto next = scrape.next();
        return next && next->info_hash == hash;
      });
  return is_right ? std::nullopt : std::optional(Fault::wrong_scrape_entries);
}

std::optional<Fault> fault_of(const HttpExpectation& expected, const http::Response& response,
                              Depth depth) noexcept {
  if (const auto* announce = std::get_if<http::ReceivedAnnounce>(&response)) {
    if (expected.is_scrape) return Fault::wrong_action;
    return check_announce(expected.announce, *announce, depth);
  }
  if (const auto* scrape = std::get_if<http::ReceivedScrape>(&response)) {
    if (!expected.is_scrape) return Fault::wrong_action;
    return check_scrape(expected.torrents, *scrape);
  }
  return std::nullopt;
}

}  // namespace

Expected<http::Response, Fault> check(const HttpExpectation& expected, const HttpResponse& response,
                                      Depth depth) noexcept {
  auto decoded = http::decode_response(response.body);
  const bool is_failure = decoded && std::holds_alternative<http::Failure>(*decoded);
  // Some trackers give failures a status of their own.
  if (response.status != kOk && !is_failure) return Unexpected<Fault>(Fault::wrong_status);
  if (!decoded) {
    const bool lacks_keys = decoded.error() == http::ResponseError::missing_key;
    return Unexpected<Fault>(lacks_keys ? Fault::missing_keys : Fault::malformed);
  }
  if (const auto fault = fault_of(expected, *decoded, depth)) return Unexpected<Fault>(*fault);
  return *decoded;
}

}  // namespace aquatic::load_test
