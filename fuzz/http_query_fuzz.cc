// SPDX-License-Identifier: Apache-2.0
// Takes any text as the target of a request and reads its query as an announce and as a scrape, and
// again in a way that takes its time. What is read and written again is read as the same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "protocol/http/request.h"
#include "protocol/http/target.h"

namespace aquatic::http {
namespace {

using Values = std::map<std::string, std::string>;

std::optional<std::string> decoded(std::string_view text) {
  std::vector<std::byte> out(text.size());
  const auto count = percent_decode(text, out);
  if (!count) return std::nullopt;
  CHECK(*count <= text.size());
  return std::string(as_text(Bytes(out).first(*count)));
}

// --- Target --------------------------------------------------------------------------------------

void check_split(std::string_view text, const Target& target) {
  for (const std::string_view part : {target.path, target.query}) {
    CHECK(part.find('#') == std::string_view::npos);
    CHECK(part.empty() || text.find(part) != std::string_view::npos);
  }
  if (target.path.empty()) {
    CHECK(route_of(target.path) == Route::unknown);
    return;
  }
  CHECK(target.path.starts_with('/') && target.path.find('?') == std::string_view::npos);
  for (const std::string before : {"", "http://tracker.example", "HTTPS://[2001:db8::1]:443"}) {
    const std::string joined =
        before + std::string(target.path) + "?" + std::string(target.query) + "#fragment";
    const Target again = split_target(joined);
    CHECK(again.path == target.path && again.query == target.query);
  }
}

void check_percent(std::string_view text) {
  const auto plain = decoded(text);
  if (!plain) return CHECK(text.find('%') != std::string_view::npos);
  ByteBuffer out;
  percent_encode(as_bytes(*plain), out);
  CHECK(decoded(out.text()) == plain);
  // In exactly as much room as it needs, and not in less.
  std::vector<std::byte> room(plain->size());
  CHECK(percent_decode(text, room) == plain->size());
  if (!room.empty()) CHECK(!percent_decode(text, MutableBytes(room).first(room.size() - 1)));
}

// The query as its parts are read, written in one way.
std::string joined_parts(std::string_view query) {
  std::string text;
  Parameters parameters(query);
  while (const auto part = parameters.next()) {
    CHECK(part->key.find_first_of("=&") == std::string_view::npos);
    CHECK(part->value.find('&') == std::string_view::npos);
    text += std::string(part->key) + "=" + std::string(part->value) + "&";
  }
  return text;
}

// --- Announce ------------------------------------------------------------------------------------

// Keys decoded, values as they are; of repeated keys the last.
Values values_of(std::string_view query) {
  Values values;
  for (std::size_t begin = 0; begin < query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view part = query.substr(begin, end - begin);
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto key = decoded(part.substr(0, equals));
    if (key && !part.empty()) {
      values[*key] = part.substr(std::min(equals + 1, part.size()));
    }
    begin = end + 1;
  }
  return values;
}

// One of the errors that mean the key, or none.
void check_key(const Values& values, const char* key, std::optional<RequestError> error,
               RequestError missing, RequestError bad) {
  if (error == missing) CHECK(!values.contains(key));
  if (error == bad) CHECK(values.contains(key));
  if (!error) CHECK(values.contains(key));
}

void check_against(const Values& values, const Expected<AnnounceRequest, RequestError>& request) {
  using enum RequestError;
  const auto error = request ? std::optional<RequestError>() : std::optional(request.error());
  check_key(values, "info_hash", error, no_info_hash, bad_info_hash);
  check_key(values, "peer_id", error, no_peer_id, bad_peer_id);
  check_key(values, "port", error, no_port, bad_port);
  check_key(values, "left", error, no_left, bad_left);
  if (error) return CHECK(!text_of(*error).empty());
  CHECK(decoded(values.at("info_hash")) == as_text(Bytes(request->info_hash.bytes)));
  CHECK(decoded(values.at("peer_id")) == as_text(Bytes(request->peer_id.bytes)));
  CHECK(request->port != 0);
  CHECK(!request->ipv4 || request->ipv4->is_v4());
  CHECK(!request->ipv6 || !request->ipv6->is_v4());
}

void check_announce(std::string_view query) {
  const auto request = decode_announce(query);
  check_against(values_of(query), request);
  // What means nothing changes nothing, and only the last value of a key counts.
  CHECK(decode_announce(joined_parts(query)) == request);
  CHECK(decode_announce("key=1&" + std::string(query) + "&&=&trackerid") == request);
  if (!request) return;
  CHECK(decode_announce("port=0&left=x&info_hash=&peer_id=%&" + std::string(query)) == request);
  ByteBuffer out;
  encode(*request, out);
  CHECK(decode_announce(out.text()) == request);
}

// --- Scrape --------------------------------------------------------------------------------------

void check_scrape(std::string_view query) {
  std::array<InfoHash, 2> few;
  std::vector<InfoHash> all(query.size());
  const auto some = decode_scrape(query, few);
  const auto every = decode_scrape(query, all);
  if (!some) return CHECK(!every && every.error() == some.error());
  CHECK(some->count <= few.size() && (!some->has_more || some->count == few.size()));
  if (!every) return CHECK(some->has_more);  // The bad one is among those that were not looked at.
  CHECK(!every->has_more && some->has_more == (every->count > few.size()));
  CHECK(std::equal(few.begin(), few.begin() + std::ptrdiff_t(some->count), all.begin()));
  all.resize(every->count);
  ByteBuffer out;
  encode_scrape(all, out);
  std::vector<InfoHash> again(all.size());
  CHECK(decode_scrape(out.text(), again)->count == all.size());
  CHECK(again == all);
}

void check(std::string_view text) {
  const Target target = split_target(text);
  check_split(text, target);
  check_percent(text);
  check_announce(target.query);
  check_scrape(target.query);
  CHECK(joined_parts(joined_parts(target.query)) == joined_parts(target.query));
}

}  // namespace
}  // namespace aquatic::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::http::check(aquatic::as_text(std::as_bytes(std::span(data, size))));
  return 0;
}
